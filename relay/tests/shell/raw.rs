//! A client that writes bytes as it likes, and reads only when it likes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{End, Relay, soon};

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const BINARY: u8 = 0x82;
pub(crate) const CLOSE: u8 = 0x88;
pub(crate) const PING: u8 = 0x89;

/// A frame as a client has to send it: `first` holds the opcode and the flags. The mask is zero, so that the payload can
/// be read in what is sent.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..126 => bytes.push(0x80 | length as u8),
        length @ 126..65_536 => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}

/// The hello of a session, as a frame.
pub(crate) fn hello(session: &str) -> Vec<u8> {
    frame(TEXT, format!(r#"{{"type":"hello","session":"{session:-<16}"}}"#).as_bytes())
}

/// What asks for a websocket.
pub(crate) const UPGRADE: &str = "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\
    sec-websocket-protocol: tautline.v1\r\n\r\n";

pub(crate) struct Raw<S = TcpStream> {
    pub(crate) stream: S,
}

impl Raw {
    /// A connection on which nothing was said.
    pub(crate) async fn connect(relay: &Relay) -> Self {
        Self { stream: soon(TcpStream::connect(&relay.address)).await.expect("a connection") }
    }

    /// The same from another address of this machine, 127.0.0.`host`. `None` when the relay takes no more.
    pub(crate) async fn connect_from(relay: &Relay, host: u8) -> Option<Self> {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, host], 0).into()).expect("an address of this machine");
        let address = relay.address.parse().expect("an address");
        soon(socket.connect(address)).await.ok().map(|stream| Self { stream })
    }

    /// A websocket from another address of this machine, on which no hello was said. `None` when there is none.
    pub(crate) async fn upgrade_from(relay: &Relay, host: u8) -> Option<Self> {
        let mut raw = Self::connect_from(relay, host).await?;
        raw.try_websocket().await.then_some(raw)
    }

    /// A websocket of this session from another address of this machine. `None` when there is none.
    pub(crate) async fn join_from(relay: &Relay, host: u8, session: &str) -> Option<Self> {
        let mut raw = Self::upgrade_from(relay, host).await?;
        raw.send(&hello(session)).await.ok()?;
        let (_, welcome) = raw.frame().await?;
        welcome.starts_with(br#"{"type":"welcome""#).then_some(raw)
    }

    /// A websocket on which no hello was said.
    pub(crate) async fn upgrade(relay: &Relay) -> Self {
        let mut raw = Self::connect(relay).await;
        raw.ask_for_websocket().await;
        raw
    }

    /// A websocket of this session.
    pub(crate) async fn join(relay: &Relay, session: &str) -> Self {
        let mut raw = Self::upgrade(relay).await;
        raw.send(&hello(session)).await.expect("sent");
        let (opcode, welcome) = raw.frame().await.expect("a frame");
        assert!(opcode == TEXT && welcome.starts_with(br#"{"type":"welcome""#), "{welcome:?}");
        raw
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Raw<S> {
    pub(crate) async fn ask_for_websocket(&mut self) {
        assert!(self.try_websocket().await, "no websocket");
    }

    /// Whether it became a websocket.
    async fn try_websocket(&mut self) -> bool {
        if self.send(UPGRADE.as_bytes()).await.is_err() {
            return false;
        }
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(byte) = soon(self.stream.read_u8()).await else { return false };
            head.push(byte);
        }
        head.starts_with(b"HTTP/1.1 101")
    }

    /// Sends one message of the protocol.
    pub(crate) async fn say(&mut self, message: &serde_json::Value) -> io::Result<()> {
        self.send(&frame(TEXT, message.to_string().as_bytes())).await
    }

    /// The next message of the protocol that is no ping. `None` when another frame comes, or none.
    pub(crate) async fn hear(&mut self) -> Option<serde_json::Value> {
        loop {
            let (first, payload) = self.frame().await?;
            let message: serde_json::Value = (first == TEXT).then(|| serde_json::from_slice(&payload).ok())??;
            if message["type"] == "ping" {
                self.say(&serde_json::json!({"type":"pong"})).await.ok()?;
            } else {
                return Some(message);
            }
        }
    }

    /// Writes bytes as they are. Waits until the system takes them.
    pub(crate) async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        soon(self.stream.write_all(bytes)).await
    }

    /// The next frame the relay sends: its first byte and its payload. `None` at the end of the connection.
    pub(crate) async fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        soon(async {
            let first = self.stream.read_u8().await.ok()?;
            let length = match self.stream.read_u8().await.ok()? {
                126 => u64::from(self.stream.read_u16().await.ok()?),
                127 => self.stream.read_u64().await.ok()?,
                short => u64::from(short),
            };
            let mut payload = vec![0; usize::try_from(length).expect("a length")];
            self.stream.read_exact(&mut payload).await.ok()?;
            Some((first, payload))
        })
        .await
    }

    /// Reads on until the end.
    pub(crate) async fn end(&mut self) -> End {
        loop {
            match self.frame().await {
                Some((CLOSE, payload)) if payload.len() >= 2 => {
                    return End::Closed(u16::from_be_bytes([payload[0], payload[1]]));
                }
                Some((CLOSE, _)) | None => return End::Dropped,
                Some(_) => {}
            }
        }
    }
}
