//! A client that writes bytes as it likes, and reads only when it likes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{End, Relay, soon};

pub(crate) const TEXT: u8 = 0x81;
pub(crate) const CLOSE: u8 = 0x88;

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
        self.send(UPGRADE.as_bytes()).await.expect("sent");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.stream.read_u8()).await.expect("a head"));
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
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
