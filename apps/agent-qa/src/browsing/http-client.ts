const REQUEST_LIMIT_MS = 10_000;

/** What a request brings. */
export interface RequestParts {
  json?: unknown;
  form?: Record<string, string>;
  text?: string;
  headers?: Record<string, string>;
}

/** An answer, read whole. */
export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body read as JSON; undefined if it is none. */
  json: unknown;
}

/** Talks to an application over HTTP and keeps its cookies, as one browser does. Redirects are not followed. */
export class HttpClient {
  private readonly cookies = new Map<string, string>();
  /** The Set-Cookie lines of all answers so far. */
  readonly setCookies: string[] = [];

  /** `origin` is asked for at every request: an application that was restarted listens elsewhere. */
  constructor(
    private readonly origin: () => string,
    private readonly signal: AbortSignal,
  ) {}

  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  setCookie(name: string, value: string): void {
    this.cookies.set(name, value);
  }

  async request(method: string, path: string, parts: RequestParts = {}): Promise<Answer> {
    const response = await fetch(this.origin() + path, {
      method,
      redirect: "manual",
      signal: AbortSignal.any([this.signal, AbortSignal.timeout(REQUEST_LIMIT_MS)]),
      headers: { ...this.cookieHeader(), ...typeOf(parts), ...parts.headers },
      body: bodyOf(parts),
    });
    response.headers.getSetCookie().forEach((line) => this.keep(line));
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: asJson(text) };
  }

  private cookieHeader(): Record<string, string> {
    const pairs = [...this.cookies].map(([name, value]) => `${name}=${value}`);
    return pairs.length > 0 ? { cookie: pairs.join("; ") } : {};
  }

  private keep(line: string): void {
    this.setCookies.push(line);
    const [pair = "", ...attributes] = line.split(";").map((part) => part.trim());
    const [name = "", ...value] = pair.split("=");
    if (attributes.includes("Max-Age=0")) this.cookies.delete(name);
    else this.cookies.set(name, value.join("="));
  }
}

function typeOf({ json, form }: RequestParts): Record<string, string> {
  if (json !== undefined) return { "content-type": "application/json" };
  return form === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" };
}

function bodyOf({ json, form, text }: RequestParts): string | undefined {
  if (json !== undefined) return JSON.stringify(json);
  return form === undefined ? text : new URLSearchParams(form).toString();
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
