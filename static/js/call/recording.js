/** Asking, agreeing, refusing, withdrawing, and what everyone sees of a recording. */
import { asClock } from "./clock.js";
import { all, dialog, one, say, show } from "./dom.js";
import { t } from "./i18n.js";
import { isRecordingOpen, mustAnswer, recorded, unanswered } from "./queries.js";

/** @typedef {import("./app.js").App} App */

export class RecordingView {
  #app;
  /** The recording whose dialog has been shown, and the news that was closed. */
  #shownFor = "";
  #dismissed = "";

  /** @param {App} app */
  constructor(app) {
    this.#app = app;
  }

  /** @type {import("./app.js").Actions} */
  actions = {
    record: () => this.#record(),
    "confirm-record": () => this.#ask(),
    "record-cancel": () => this.#app.commands.stopRecording(),
    answer: () => this.#openConsent(),
    agree: () => this.#answer(true),
    decline: () => this.#answer(false),
    withdraw: () => this.#answer(false),
    "dismiss-recording": () => {
      this.#dismissed = this.#newsKey();
      this.#app.render();
    },
  };

  render() {
    const { session, setup } = this.#app;
    const { recording } = session.view;
    const isLive = session.screen === "live";
    const due = isLive && mustAnswer(session.view, session.me);
    if (due && this.#shownFor !== recording.id) this.#openConsent();
    if (!due) dialog("consent")?.close();
    show('[data-notice="answer"]', due && !dialog("consent")?.open);
    this.#renderBadge();
    const names = unanswered(session.view, session.me).join(", ");
    const isAsking = recording.phase === "asked" && !due && names !== "";
    show('[data-notice="asked"]', isAsking);
    say("[data-asked-text]", isAsking ? t("asked_waiting", { names }) : "");
    const news = this.#news();
    show('[data-notice="recording"]', news !== "" && this.#dismissed !== this.#newsKey());
    say("[data-recording-text]", news);
    const isOpen = isRecordingOpen(session.view);
    const label = t(isOpen ? "record_stop" : "record");
    say('[data-label="record"]', label);
    for (const button of all('[data-action="record"]')) {
      button.title = label;
      button.classList.toggle("is-off", isOpen);
      button.hidden = !setup.mayRecord || !session.may.includes("record");
    }
  }

  #renderBadge() {
    const { session } = this.#app;
    const { phase, since } = session.view.recording;
    const isOn = phase === "on";
    const mine = session.consent.stands;
    show("[data-rec]", isOn || (mine && ["queued", "delayed"].includes(phase)));
    one("[data-rec]").dataset.phase = phase;
    const word = { on: "recording_on", delayed: "not_recorded" }[/** @type {string} */ (phase)];
    say("[data-rec-words]", t(word ?? "queued"));
    one("[data-rec]").title = isOn ? t("recording_since", { time: this.#clock(since) }) : "";
    show("[data-rec-who]", isOn);
    say("[data-rec-who]", isOn ? this.#who() : "");
    show('[data-action="withdraw"]', mine);
  }

  /** Who is recorded, together with those since the same minute; then who is not. */
  #who() {
    const { view, me } = this.#app.session;
    /** @type {Map<string, string[]>} */
    const names = new Map();
    for (const { person, since } of recorded(view, me)) {
      const time = since === null ? "" : this.#clock(since);
      names.set(time, [...(names.get(time) ?? []), person?.name ?? t("recorded_you")]);
    }
    const left = names.get("")?.join(", ");
    names.delete("");
    if (!names.size) return t("recorded_nobody", { time: this.#clock(view.recording.since) });
    const parts = [...names].map(([time, some]) => t("recorded_who", { time, names: some.join(", ") }));
    return [...parts, ...(left ? [t("recorded_not", { names: left })] : [])].join(" · ");
  }

  /** @param {string | null} at */
  #clock(at) {
    const language = document.documentElement.lang;
    return at ? asClock(at, { zone: this.#app.setup.zone, language }) : "";
  }

  /** What has to be said about the recording beside the badge; "" for nothing. */
  #news() {
    const { session } = this.#app;
    const { phase, reason, consents: answers } = session.view.recording;
    const isOut = ["refused", "withdrawn"].includes(answers[session.me]);
    // An agent who withdraws stops the recording, and that is told in a moment.
    const isGoingOut = session.consent.isWithdrawnHereOnly;
    if (phase === "on" && (isOut || (isGoingOut && !session.may.includes("record")))) {
      return t("not_recorded_you");
    }
    if (isGoingOut) return "";
    if (phase === "failed") {
      const known = ["disk_full", "key_unavailable"].includes(reason);
      return t(known ? `failed_${reason}` : "failed");
    }
    if (phase === "stopped") return t(reason === "withdrawn" ? "stopped_withdrawn" : "stopped");
    return phase === "delayed" || phase === "refused" ? t(phase) : "";
  }

  #newsKey() {
    return [this.#app.session.view.recording.id, this.#news()].join();
  }

  #record() {
    const { session } = this.#app;
    if (isRecordingOpen(session.view)) return this.#app.commands.stopRecording();
    dialog("ask")?.showModal();
    return undefined;
  }

  #ask() {
    dialog("ask")?.close();
    return this.#app.commands.send("record_ask", { text_version: this.#app.setup.textVersion });
  }

  #openConsent() {
    const consent = dialog("consent");
    if (!consent || consent.open) return;
    this.#shownFor = this.#app.session.view.recording.id ?? "";
    // Escape is no answer: the question stays in sight as a notice.
    consent.onclose = () => this.#app.render();
    consent.showModal();
  }

  /** @param {boolean} granted */
  #answer(granted) {
    dialog("consent")?.close();
    return this.#app.commands.consent(granted, this.#app.setup.textVersion);
  }
}
