//! One websocket to a relay, by hand.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::processes::{Relay, soon};

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    pub(crate) async fn open(address: &str) -> Option<Self> {
        let mut request = format!("ws://{address}/ws").into_client_request().expect("a request");
        request.headers_mut().insert("sec-websocket-protocol", "tautline.v1".parse().expect("a header"));
        connect_async(request).await.ok().map(|(socket, _)| Self(socket))
    }

    /// Opens and says hello as the session of this letter; returns the welcome too.
    pub(crate) async fn join(relay: &Relay, letter: &str) -> (Self, Value) {
        let mut socket = soon(Self::open(&relay.address)).await.expect("a websocket");
        let welcome = socket.ask(json!({"type":"hello","session":letter.repeat(16)})).await;
        assert_eq!(welcome["type"], "welcome");
        (socket, welcome)
    }

    pub(crate) async fn say(&mut self, message: Value) {
        self.try_say(&message).await.expect("sent");
    }

    pub(crate) async fn try_say(&mut self, message: &Value) -> Option<()> {
        soon(self.0.send(Message::text(message.to_string()))).await.ok()
    }

    /// The next message; `Err` with the close code, if there is one, at the end.
    pub(crate) async fn next(&mut self) -> Result<Value, Option<u16>> {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|frame| frame.code.into())),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    }

    /// Sends a binary frame of this header.
    pub(crate) async fn say_bytes(&mut self, header: &str, payload: &[u8]) {
        let length = u16::try_from(header.len()).expect("a short header").to_be_bytes();
        let frame = [&[1][..], &length, header.as_bytes(), payload].concat();
        soon(self.0.send(Message::binary(frame))).await.expect("sent");
    }

    /// The header and the payload of a binary frame.
    pub(crate) async fn hear_bytes(&mut self) -> (Value, Vec<u8>) {
        let Some(Ok(Message::Binary(frame))) = soon(self.0.next()).await else { panic!("no binary frame") };
        let length = usize::from(u16::from_be_bytes([frame[1], frame[2]]));
        let (header, payload) = frame[3..].split_at(length);
        (serde_json::from_slice(header).expect("JSON"), payload.to_vec())
    }

    pub(crate) async fn hear(&mut self) -> Value {
        soon(self.next()).await.expect("a message")
    }

    pub(crate) async fn closed(&mut self) -> Option<u16> {
        loop {
            if let Err(code) = soon(self.next()).await {
                return code;
            }
        }
    }

    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        self.say(message).await;
        self.hear().await
    }

    pub(crate) async fn subscribe(&mut self, channel: &str) -> Value {
        let subscribed = self.ask(json!({"type":"subscribe","channel":channel,"presence":true})).await;
        assert_eq!(subscribed["type"], "subscribed", "{subscribed}");
        subscribed
    }

    pub(crate) async fn publish(&mut self, id: u64, channel: &str) -> Value {
        self.ask(json!({"type":"publish","id":id,"channel":channel,"event":"note","payload":[id]})).await
    }

    /// Nothing has come: the answer to a ping is the next thing heard.
    pub(crate) async fn is_quiet(&mut self) {
        assert_eq!(self.ask(json!({"type":"ping"})).await["type"], "pong");
    }
}
