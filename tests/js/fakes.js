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
  isClosed = false;

  constructor(configuration) {
    this.configuration = configuration;
    FakeConnection.all.push(this);
  }

  static get last() {
    return FakeConnection.all.at(-1);
  }

  setConfiguration(configuration) {
    this.configuration = configuration;
  }

  addTransceiver() {
    return {};
  }

  getTransceivers() {
    return [];
  }

  async setLocalDescription() {
    this.signalingState = "have-local-offer";
    this.localDescription = { type: "offer", sdp: `v=0\r\no=- ${FakeConnection.all.length} 1` };
  }

  async setRemoteDescription(description) {
    this.signalingState = "stable";
    this.remote.push(description);
  }

  becomes(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close() {
    this.isClosed = true;
  }
}
