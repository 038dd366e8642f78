// The only place where this site's scripts make HTML of text: text that the server has cleaned. It is the only use of the
// trusted-types policy "streamly".

const policy = globalThis.trustedTypes?.createPolicy("streamly", { createHTML: (html) => html });

/** Text from the server as something that may be given to innerHTML. */
export const trusted = (html) => policy?.createHTML(html) ?? html;

/** The first element of a fragment from the server. */
export function element(html) {
  const template = document.createElement("template");
  template.innerHTML = trusted(html);
  return template.content.firstElementChild;
}
