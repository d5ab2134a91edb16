/** PeerJS' own signaling server with its defaults but for how many may be there at once. */
import { PeerServer } from "peer";

PeerServer({ port: Number(process.argv[2]), host: "127.0.0.1", path: "/", concurrent_limit: 100000 });
