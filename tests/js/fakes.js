/** A socket and a connection that do nothing by themselves: a test says what happens to them. */

export class FakeSocket {
  static OPEN = 1;
  static all = [];
  readyState = 0;
  sent = [];

  constructor() {
    FakeSocket.all.push(this);
  }

  static get last() {
    return FakeSocket.all.at(-1);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  open() {
    this.readyState = 1;
    this.onopen();
  }

  tell(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }

  close() {
    this.readyState = 3;
  }
}

export class FakeConnection {
  static all = [];
  connectionState = "new";
  signalingState = "stable";
  localDescription = null;
  remote = [];
  senders = [];
  sdp = "";
  isClosed = false;
  restarts = 0;
  pair = { type: "candidate-pair" };

  constructor(configuration) {
    this.configuration = configuration;
    FakeConnection.all.push(this);
  }

  static get last() {
    return FakeConnection.all.at(-1);
  }

  get currentRemoteDescription() {
    return this.signalingState === "stable" ? this.remoteDescription : null;
  }

  get remoteDescription() {
    return this.remote.at(-1) ?? null;
  }

  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  addTransceiver(source) {
    const isKind = typeof source === "string";
    const sender = {
      track: isKind ? null : source,
      kind: isKind ? source : source.kind,
      replaceTrack: async (track) => void (sender.track = track),
      getParameters: () => ({}),
    };
    this.senders.push(sender);
    return { sender };
  }

  addEventListener() {}

  async getStats() {
    return new Map([["pair", this.pair]]);
  }

  getTransceivers() {
    return this.senders.map((sender) => ({ sender, receiver: { track: { kind: sender.kind } } }));
  }

  restartIce() {
    this.restarts += 1;
    this.onnegotiationneeded?.();
  }

  async setLocalDescription() {
    const isOffer = this.signalingState !== "have-remote-offer";
    this.signalingState = isOffer ? "have-local-offer" : "stable";
    const sdp = this.sdp || `v=0\r\no=- ${FakeConnection.all.indexOf(this) + 1} 1`;
    this.localDescription = { type: isOffer ? "offer" : "answer", sdp };
  }

  async setRemoteDescription(description) {
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    this.remote.push(description);
  }

  async addIceCandidate() {}

  becomes(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close() {
    this.isClosed = true;
  }
}
