/** A time as Go prints it: `2024-05-01 10:20:30 +0200 CEST`, in the zone of this machine. `seconds` since the epoch. */
export function goTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock} ${offset(-time.getTimezoneOffset())} ${zoneName(time)}`;
}

function offset(minutes: number): string {
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${hours}${String(size % 60).padStart(2, "0")}`;
}

function zoneName(time: Date): string {
  if (time.getTimezoneOffset() === 0) return "UTC";
  return /\(([A-Z]{2,5})\)$/.exec(time.toString())?.[1] ?? offset(-time.getTimezoneOffset());
}
