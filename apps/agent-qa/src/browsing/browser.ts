import { parse, type HTMLElement } from "node-html-parser";
import type { Answer, HttpClient } from "./http-client.js";

const MOST_REDIRECTS = 5;

/** A page as it was received. */
export interface Page {
  /** Its address after all redirects, with the query. */
  path: string;
  status: number;
  headers: Headers;
  source: string;
  root: HTMLElement;
}

/** Uses an application through its pages: opens addresses, follows redirects, fills in and submits forms. */
export class Browser {
  constructor(readonly client: HttpClient) {}

  /** Opens an address of the application, following redirects. */
  open(path: string): Promise<Page> {
    return this.load("GET", path);
  }

  /**
   * Fills in the form of a page that is sent to `action` and submits it as a browser would: what is not filled in goes as
   * the page has it. Answers with the page that follows.
   *
   * @param values by name; `true` and `false` for checkboxes.
   * @throws Error if there is no such form, field or option: a person could not have done it either.
   */
  submit(page: Page, action: string, values: Record<string, string | boolean> = {}): Promise<Page> {
    const form = formOf(page, action);
    const data = fieldsOf(form);
    for (const [name, value] of Object.entries(values)) fillIn(form, data, name, value, page.path);
    const entries = Object.fromEntries(data);
    if (form.getAttribute("method")?.toLowerCase() === "post") return this.load("POST", action, entries);
    return this.load("GET", `${action}?${new URLSearchParams(entries).toString()}`);
  }

  private async load(method: string, path: string, form?: Record<string, string>): Promise<Page> {
    let [at, answer] = [
      path,
      await this.client.request(method, path, { ...(form && { form }), headers: { accept: "text/html" } }),
    ];
    for (let redirects = 0; isRedirect(answer); redirects++) {
      if (redirects === MOST_REDIRECTS)
        throw new Error(`${path} redirects more than ${MOST_REDIRECTS} times, last to ${at}`);
      at = answer.headers.get("location") ?? "/";
      if (!at.startsWith("/") || at.startsWith("//")) throw new Error(`${path} redirects to another site: ${at}`);
      answer = await this.client.request("GET", at, { headers: { accept: "text/html" } });
    }
    return { path: at, status: answer.status, headers: answer.headers, source: answer.text, root: parse(answer.text) };
  }
}

const isRedirect = ({ status }: Answer): boolean => status >= 300 && status < 400;

/** The forms of a page by the address they are sent to. */
export function formOf(page: Page, action: string): HTMLElement {
  const forms = page.root.querySelectorAll("form");
  const form = forms.find((candidate) => candidate.getAttribute("action") === action);
  if (form) return form;
  const actions = forms.map((candidate) => candidate.getAttribute("action")).join(", ");
  throw new Error(`${page.path} has no form to ${action}, only to: ${actions || "nothing"}`);
}

/** What a form would send as it is. */
export function fieldsOf(form: HTMLElement): Map<string, string> {
  const fields = new Map<string, string>();
  for (const control of form.querySelectorAll("input, select, textarea")) {
    const name = control.getAttribute("name");
    if (name === undefined) continue;
    if (control.getAttribute("type") !== "checkbox") fields.set(name, valueOf(control));
    else if (control.hasAttribute("checked")) fields.set(name, control.getAttribute("value") ?? "on");
  }
  return fields;
}

function valueOf(control: HTMLElement): string {
  if (control.tagName === "INPUT") return control.getAttribute("value") ?? "";
  if (control.tagName === "TEXTAREA") return control.textContent.replace(/^\r?\n/, "");
  const options = control.querySelectorAll("option");
  const chosen = options.find((option) => option.hasAttribute("selected")) ?? options[0];
  return chosen ? optionValue(chosen) : "";
}

const optionValue = (option: HTMLElement): string => option.getAttribute("value") ?? option.textContent.trim();

function fillIn(
  form: HTMLElement,
  data: Map<string, string>,
  name: string,
  value: string | boolean,
  where: string,
): void {
  const control = form.querySelectorAll("input, select, textarea").find((it) => it.getAttribute("name") === name);
  if (!control) throw new Error(`the form on ${where} has no field "${name}"`);
  if (typeof value === "boolean") {
    data.delete(name);
    if (value) data.set(name, control.getAttribute("value") ?? "on");
    return;
  }
  const isOffered =
    control.tagName !== "SELECT" || control.querySelectorAll("option").some((it) => optionValue(it) === value);
  if (!isOffered) throw new Error(`the field "${name}" on ${where} does not offer "${value}"`);
  data.set(name, value);
}
