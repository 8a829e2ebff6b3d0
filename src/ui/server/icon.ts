/** The page's icon: a hull on its slip. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0d7d8c"/><path d="M6 17h20l-3.4 6.2a3 3 0 0 1-2.6 1.6h-8a3 3 0 0 1-2.6-1.6z" fill="#fff"/><path d="M10 8h5v6.5h-5zM17 8h5v6.5h-5z" fill="#fff" opacity=".72"/></svg>`;
