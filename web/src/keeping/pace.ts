/** When to keep an edit: soon after the last one, and never long after the first. */

export class Pace {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private first = 0;
  private readonly run: () => void;
  private readonly wait: number;
  private readonly most: number;

  /** `run` is called `wait` ms after the last request for it, `most` ms after the first. */
  constructor(run: () => void, wait: number, most: number) {
    this.run = run;
    this.wait = wait;
    this.most = most;
  }

  get pending(): boolean {
    return this.timer !== undefined;
  }

  ask(): void {
    const now = Date.now();
    if (this.timer === undefined) this.first = now;
    else clearTimeout(this.timer);
    const left = Math.min(this.wait, this.first + this.most - now);
    this.timer = setTimeout(() => this.now(), Math.max(0, left));
  }

  /** At once, whether it was asked for or not. */
  now(): void {
    this.stop();
    this.run();
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
