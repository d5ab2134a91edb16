/** A bare relay of text between the sockets of a room, as one writes it with `ws` in an hour. */
import { WebSocketServer } from "ws";

/** @type {Map<string, Set<import("ws").WebSocket>>} */
const rooms = new Map();

new WebSocketServer({ port: Number(process.argv[2]), host: "127.0.0.1" }).on("connection", (socket, request) => {
  const name = request.url ?? "";
  const room = rooms.get(name) ?? new Set();
  rooms.set(name, room.add(socket));
  socket.on("message", (data) => {
    const text = JSON.stringify(JSON.parse(data.toString()));
    for (const other of room) if (other !== socket) other.send(text);
  });
  socket.on("close", () => {
    room.delete(socket);
    if (!room.size && rooms.get(name) === room) rooms.delete(name);
  });
});
