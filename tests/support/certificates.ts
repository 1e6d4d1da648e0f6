import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Paths of a certificate and its key. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Makes certificates for one test with openssl, in a folder of its own. */
export class CertificateAuthority {
  readonly #folder: string;
  readonly #name: string;
  readonly #own: Certificate;

  constructor(folder: string, name = 'ca') {
    this.#folder = folder;
    this.#name = name;
    this.#own = this.#make('ca', ['-subj', `/CN=${name}`]);
  }

  /** What others trust it by. */
  get cert(): string {
    return this.#own.cert;
  }

  /** `names` as openssl writes them: `DNS:localhost,IP:127.0.0.1`. */
  issue(name: string, names: string): Certificate {
    const signing = ['-CA', this.#own.cert, '-CAkey', this.#own.key];
    return this.#make(name, ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`, ...signing]);
  }

  #make(name: string, args: readonly string[]): Certificate {
    const [cert, key] = ['', '-key'].map((suffix) => path.join(this.#folder, `${this.#name}-${name}${suffix}.pem`));
    if (cert === undefined || key === undefined) throw new Error('two paths make a certificate');
    const files = ['-keyout', key, '-out', cert, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...EC_KEY, ...files, ...args], { stdio: 'ignore' });
    return { cert, key };
  }
}
