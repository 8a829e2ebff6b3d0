/** A time as Go prints it: `2024-05-01 10:20:30 +0200 CEST`, in the zone of this machine. `seconds` since the epoch. */
export function goTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  const minutes = -time.getTimezoneOffset();
  if (minutes === 0) return `${time.toISOString().slice(0, 19).replace("T", " ")} +0000 UTC`;
  const two = (value: number) => String(value).padStart(2, "0");
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const clock = `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
  return `${date} ${clock} ${offset(minutes)} ${zoneName(time) ?? offset(minutes)}`;
}

function offset(minutes: number): string {
  const size = Math.abs(minutes);
  const hours = String(Math.floor(size / 60)).padStart(2, "0");
  return `${minutes < 0 ? "-" : "+"}${hours}${String(size % 60).padStart(2, "0")}`;
}

/** `CEST`, where the system knows a name. */
function zoneName(time: Date): string | undefined {
  return /\(([A-Z]{2,5})\)$/.exec(time.toString())?.[1];
}
