// A client of IDEA Exchange: a channel with mutual TLS, typed stubs, retries, errors by reason, pages and watches that resume.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import protobuf from 'protobufjs';
import type { Clients, Packages } from './clients';
import { services } from './clients';

export * as grpc from '@grpc/grpc-js';
export type { Clients } from './clients';

const read = (name: string) => readFileSync(join(__dirname, name));
const json = JSON.parse(read('idea.json').toString());
const packages: Packages = grpc.loadPackageDefinition(fromJSON(json, { longs: String, enums: String, defaults: true, arrays: true }));
const types = protobuf.Root.fromJSON(json);

export interface Options {
  // host:port of the exchange, or of each service.
  address: string | Record<keyof Clients, string>;
  // PEM files of the certificate authority, the department's certificate and its key.
  ca: string;
  cert: string;
  key: string;
  // The signed token of a person, or a function that returns it for each call. Without it the platform calls.
  token?: string | (() => string | Promise<string>);
  // Milliseconds for one call with all its attempts. Defaults to 20,000.
  timeout?: number;
}

// A refusal of the exchange. Decide by `reason`, which docs/ERRORS.md lists.
export class ExchangeError extends Error {
  constructor(
    readonly code: grpc.status,
    readonly reason: string,
    message: string,
    readonly metadata: Record<string, string> = {},
    // BadRequest: a path for each field, and what it must hold.
    readonly fields: { field: string; description: string }[] = [],
    // PreconditionFailure: what must be true first.
    readonly preconditions: { type: string; subject: string; description: string }[] = [],
    // RetryInfo in milliseconds. Undefined if sending again does not help.
    readonly retryAfter?: number,
    // Help: an address with the documentation of the reason.
    readonly help?: string,
    // RequestInfo: the call in the log of the service.
    readonly requestId?: string,
  ) {
    super(message);
    this.name = 'ExchangeError';
  }
}

// The refusal in an error of grpc-js. The reason is empty if the failure did not come from the exchange.
export function errorOf(error: grpc.ServiceError): ExchangeError {
  const details: Record<string, any> = {};
  for (const bytes of error.metadata?.get('grpc-status-details-bin') ?? []) {
    const status = types.lookupType('google.rpc.Status').decode(bytes as Buffer) as any;
    for (const { type_url: url, value } of status.details) {
      const name = url.slice(url.lastIndexOf('/') + 1);
      const type = name.startsWith('google.rpc.') ? types.lookupType(name) : undefined;
      if (type) details[type.name] = type.toObject(type.decode(value), { longs: Number, arrays: true, objects: true });
    }
  }
  const { ErrorInfo = {}, BadRequest = {}, PreconditionFailure = {}, RetryInfo, Help, RequestInfo } = details;
  const delay = RetryInfo?.retryDelay;
  return new ExchangeError(error.code, ErrorInfo.reason ?? '', error.details, ErrorInfo.metadata, BadRequest.fieldViolations,
    PreconditionFailure.violations, delay && Number(delay.seconds ?? 0) * 1000 + (delay.nanos ?? 0) / 1e6, Help?.links?.[0]?.url,
    RequestInfo?.requestId);
}

const pause = (milliseconds: number) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });
const isTransient = (error: ExchangeError) => error.retryAfter !== undefined
  || (!error.reason && (error.code === grpc.status.UNAVAILABLE || error.code === grpc.status.INTERNAL));

// Milliseconds until the next attempt.
const pauseOf = (error: ExchangeError | undefined, attempt: number) => Math.max(error?.retryAfter ?? 0, Math.min(100 * 2 ** attempt, 5_000))
  * (0.8 + 0.4 * Math.random());

type Callback<Response> = (error: grpc.ServiceError | null, response?: Response) => void;
// A method of a stub. TypeScript infers from the last overload, which has no metadata.
type Unary<Request, Response> = (request: Request, callback: Callback<Response>) => unknown;
type UnaryWithOptions<Request, Response> = (request: Request, metadata: grpc.Metadata, options: grpc.CallOptions,
  callback: Callback<Response>) => unknown;
// The items of a page: the elements of its list.
type ItemOf<Page> = { [Field in keyof Page]: Page[Field] extends (infer Item)[] ? Item : never }[keyof Page];
type Watch<Request, Response> = (request: Request, metadata: grpc.Metadata, options?: grpc.CallOptions) => grpc.ClientReadableStream<Response>;

export class Exchange {
  // The stubs by service. Their methods are typed; call(), pages() and watch() take them.
  readonly clients: Clients;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
    const credentials = grpc.credentials.createSsl(readFileSync(options.ca), readFileSync(options.key), readFileSync(options.cert));
    const settings = {
      'grpc.service_config': read('service-config.json').toString(),
      'grpc.keepalive_time_ms': 30_000,
      'grpc.keepalive_timeout_ms': 5_000,
    };
    const clients: Record<string, grpc.Client> = {};
    for (const [name, Stub] of Object.entries(services(packages))) {
      const address = typeof options.address === 'string' ? options.address : options.address[name as keyof Clients];
      clients[name] = new (Stub as typeof grpc.Client)(address, credentials, settings);
    }
    this.clients = clients as unknown as Clients;
  }

  close(): void {
    Object.values(this.clients).forEach((client) => client.close());
  }

  private async metadata(): Promise<grpc.Metadata> {
    const metadata = new grpc.Metadata();
    const { token } = this.options;
    const jwt = typeof token === 'function' ? await token() : token;
    if (jwt) metadata.set('authorization', `Bearer ${jwt.trim()}`);
    return metadata;
  }

  // Calls a method: exchange.call(exchange.clients.drafting.getBucp, ...). Gives a write its requestId, so that a retry is executed
  // once, and sends again what may succeed. Throws ExchangeError.
  async call<Request extends object, Response>(client: grpc.Client, method: Unary<Request, Response>, request: Request): Promise<Response> {
    const deadline = Date.now() + (this.options.timeout ?? 20_000);
    const isWrite = requestTypeOf(method)?.fields.requestId !== undefined;
    const message = isWrite ? { requestId: randomUUID(), ...request } : request;
    const send = method as unknown as UnaryWithOptions<Request, Response>;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const metadata = await this.metadata();
        return await new Promise<Response>((resolve, reject) => {
          send.call(client, message, metadata, { deadline }, (error, response) => (error ? reject(error) : resolve(response!)));
        });
      } catch (error) {
        const refusal = errorOf(error as grpc.ServiceError);
        const wait = pauseOf(refusal, attempt);
        if (!isTransient(refusal) || Date.now() + wait >= deadline) throw refusal;
        await pause(wait);
      }
    }
  }

  // The items of every page of a list: for await (const bucp of exchange.pages(drafting, drafting.listBucps, {})).
  async* pages<Request extends object, Response extends object>(
    client: grpc.Client, method: Unary<Request, Response>, request: Request): AsyncGenerator<ItemOf<Response>> {
    let pageToken = '';
    do {
      const page: any = await this.call(client, method, { ...request, pageToken });
      yield* Object.values(page).find(Array.isArray) as ItemOf<Response>[] ?? [];
      pageToken = page.nextPageToken;
    } while (pageToken);
  }

  // The messages of a stream, without heartbeats. When the connection breaks it resumes after the last message, so that nothing is
  // missed or repeated. Throws ExchangeError if the exchange refuses. `break` ends it.
  async* watch<Request extends object, Response extends object>(
    client: grpc.Client, method: Watch<Request, Response>, request: Request): AsyncGenerator<Response> {
    let resumeToken: string = (request as any).resumeToken ?? '';
    for (let attempt = 0; ; attempt += 1) {
      const stream = method.call(client, { ...request, resumeToken }, await this.metadata());
      try {
        for await (const message of stream as AsyncIterable<any>) {
          attempt = 0;
          if (message.resumeToken) resumeToken = message.resumeToken;
          if (!message.heartbeat) yield message;
        }
        await pause(pauseOf(undefined, attempt));
      } catch (error) {
        const refusal = errorOf(error as grpc.ServiceError);
        const isBroken = isTransient(refusal)
          || (!refusal.reason && (refusal.code === grpc.status.CANCELLED || refusal.code === grpc.status.UNKNOWN));
        if (!isBroken) throw refusal;
        await pause(pauseOf(refusal, attempt));
      } finally {
        stream.cancel();
      }
    }
  }
}

const requestTypeOf = (method: unknown): protobuf.Type | undefined => {
  const { path } = method as { path?: string };
  const found = path && types.lookup(path.slice(1).replace('/', '.'));
  return found instanceof protobuf.Method ? (found.resolve() as protobuf.Method).resolvedRequestType ?? undefined : undefined;
};
