/** Rooms of socket.io, as its documentation shows them. */
import { Server } from "socket.io";

const io = new Server(Number(process.argv[2]), { transports: ["websocket"] });

io.on("connection", (socket) => {
  const room = String(socket.handshake.query.room);
  socket.join(room);
  socket.on("signal", (message) => socket.to(room).emit("signal", message));
});
