import fc from "fast-check";
import { dataBlock, escapeHtml, html, Markup, name } from "./html.js";

/** Any characters, but many of those that mean something in markup. */
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom("<", ">", '"', "'", "&"), fc.string({ unit: "binary", minLength: 1, maxLength: 1 })),
  maxLength: 60,
});

const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, entity: string) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[entity]!,
  );

test("any text stays text: nothing in it begins a tag, ends an attribute or is lost", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const page = html`<p title="${text}">${text}</p>`.text;
      expect(page.replace(/[^<>"']/g, "")).toBe('<""><>');
      expect(unescaped(escapeHtml(text))).toBe(text.toWellFormed());
    }),
  );
});

test("markup within markup is not escaped again, and what is absent leaves nothing", () => {
  const items = ["<a>", "b"].map((each) => html`<li>${each}</li>`);
  expect(html`${items}${null}${undefined}${false}${0}`.text).toBe("<li>&lt;a&gt;</li><li>b</li>0");
});

test("half of a surrogate pair cannot break the encoding of the page", () => {
  expect(escapeHtml("a\ud800b")).toBe("a\ufffdb");
});

test("a name written right to left is kept apart from the text around it", () => {
  expect(name("\u202egpj.exe").text).toBe("<bdi>\u202egpj.exe</bdi>");
});

test("data come back from their block as they went in, and never end it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(anyText, fc.constant("</script><script>alert(1)//"), fc.constant("<!--"))),
      (data) => {
        const block = dataBlock("data", data);
        expect(block).toBeInstanceOf(Markup);
        const content = block.text.slice(block.text.indexOf(">") + 1, block.text.lastIndexOf("<"));
        expect(content).not.toContain("<");
        expect(JSON.parse(content)).toEqual(JSON.parse(JSON.stringify(data)));
      },
    ),
  );
});
