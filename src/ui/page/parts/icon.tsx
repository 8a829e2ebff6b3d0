const paths = {
  images: "M8 1.8 14 5 8 8.2 2 5zM2 8l6 3.2L14 8M2 11l6 3.2 6-3.2",
  builds: "M9.5 3.5 12.5 6.5M2.5 13.5l7-7M8 2.5a4 4 0 0 1 5.5 5.5l-2-2-1.5-1.5z",
  containers: "M2 4.5h12v8H2zM5 4.5v8M8 4.5v8M11 4.5v8",
  networks:
    "M8 2.5v4M3.5 13.5v-3.5h9v3.5M8 6.5v3.5M6.2 2.2h3.6v2.6H6.2zM1.9 11.6h3.2v2.4H1.9zM10.9 11.6h3.2v2.4h-3.2z",
  volumes:
    "M2.5 4c0-1.2 2.5-2 5.5-2s5.5.8 5.5 2-2.5 2-5.5 2-5.5-.8-5.5-2zM2.5 4v8c0 1.2 2.5 2 5.5 2s5.5-.8 5.5-2V4M2.5 8c0 1.2 2.5 2 5.5 2s5.5-.8 5.5-2",
  disk: "M2 2h5v7H2zM9 2h5v4H9zM9 8h5v6H9zM2 11h5v3H2z",
  registry: "M2.5 13.5h11M3.5 13.5v-7L8 3l4.5 3.5v7M6.5 13.5V9.5h3v4",
  events: "M1.8 8h2.6l2-5 3.2 10 2-5h2.6",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10zM10.7 10.7 14 14",
  play: "M4.5 2.8v10.4L13 8z",
  stop: "M4 4h8v8H4z",
  restart: "M13 8a5 5 0 1 1-1.6-3.7M13 2v3h-3",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.7 7v4M9.3 7v4",
  logs: "M2.5 3.5h11M2.5 6.5h8M2.5 9.5h11M2.5 12.5h6",
  terminal: "M2 3h12v10H2zM4.5 6l2 2-2 2M8.5 10h3",
  tag: "M2.5 2.5h5l6 6-5 5-6-6zM5.3 5.3h.01",
  upload: "M8 11V3M4.8 6 8 2.8 11.2 6M2.5 11v2.5h11V11",
  download: "M8 2.5v8M4.8 7.8 8 11l3.2-3.2M2.5 11v2.5h11V11",
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  folder: "M1.8 12.5v-9h4l1.4 1.8h7v7.2z",
  file: "M4 1.8h5l3 3v9.4H4zM9 1.8v3h3",
  link: "M6.5 9.5l3-3M7 4.5 8.6 2.9a3 3 0 0 1 4.2 4.2L11.3 8.7M9 11.5l-1.6 1.6a3 3 0 0 1-4.2-4.2l1.5-1.6",
  chevron: "M6 3.5 10.5 8 6 12.5",
  check: "M3 8.5 6.5 12 13 4.5",
  alert: "M8 2 14.5 13.5h-13zM8 6.5v3.2M8 11.6h.01",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 7.3V11M8 5h.01",
  pause: "M5 3.5v9M11 3.5v9",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M12.6 3.4l-.9.9M4.3 11.7l-.9.9",
  bulb: "M5.8 11.2A4.3 4.3 0 1 1 10.2 11.2v1.3H5.8zM6.5 14.2h3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  minus: "M3.5 8h9",
  compare: "M5.5 2.5v11M2.5 5.5l3-3 3 3M10.5 13.5v-11M7.5 10.5l3 3 3-3",
  key: "M6 10.5a3.5 3.5 0 1 1 3.3-4.6H14v2.3h-1.5v1.9h-2.2V8.2H9.4A3.5 3.5 0 0 1 6 10.5zM5.9 7h.01",
} as const;

export type IconName = keyof typeof paths;

/** A line drawing of 16 × 16; it says nothing to screen readers, the text beside it does. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
