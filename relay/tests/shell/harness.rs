//! The relay as a child process on a free port, and the clients that speak with it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Far more than anything here takes: only there so that a broken relay fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("the relay kept us waiting")
}

pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
}

impl Relay {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let mut command = Self::command();
        command.args(["--listen", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("the relay starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("the address").to_owned();
        Self { child, address }
    }

    /// Starts it with options it should refuse; returns what it said.
    pub(crate) fn refuse(arguments: &[&str]) -> String {
        let mut child = Self::command().args(arguments).stderr(Stdio::piped()).spawn().expect("the relay starts");
        let mut said = String::new();
        child.stderr.take().expect("a pipe").read_to_string(&mut said).expect("text");
        assert!(!child.wait().expect("an end").success());
        said
    }

    fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tautline-relay"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAUTLINE_")) {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill");
        assert!(sent.success());
    }

    pub(crate) async fn ended(&mut self) -> bool {
        soon(async {
            loop {
                if let Some(status) = self.child.try_wait().expect("a status") {
                    return status.success();
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
    }

    pub(crate) async fn connect(&self) -> Client {
        self.try_connect(Some("tautline.v1"), None).await.expect("a websocket")
    }

    /// A websocket, or the HTTP status it was refused with.
    pub(crate) async fn try_connect(&self, protocol: Option<&str>, origin: Option<&str>) -> Result<Client, u16> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request().expect("a request");
        if let Some(protocol) = protocol {
            request.headers_mut().insert("sec-websocket-protocol", protocol.parse().expect("a header"));
        }
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().expect("a header"));
        }
        match soon(connect_async(request)).await {
            Ok((socket, response)) => {
                assert_eq!(response.headers()["sec-websocket-protocol"], "tautline.v1");
                Ok(Client { socket })
            }
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("no websocket: {error}"),
        }
    }

    pub(crate) async fn join(&self, letter: &str) -> (Client, String) {
        let mut client = self.connect().await;
        client.say(json!({"type":"hello","session":letter.repeat(16)})).await;
        let welcome = client.hear().await;
        assert_eq!(welcome["type"], "welcome");
        (client, welcome["member"].as_str().expect("a name").to_owned())
    }

    /// One HTTP request; the status, the head and the body that came back.
    pub(crate) async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
        soon(async {
            let mut stream = TcpStream::connect(&self.address).await.expect("a connection");
            let length = body.len();
            let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
            let request = format!("{head}content-length: {length}\r\n{headers}\r\n{body}");
            stream.write_all(request.as_bytes()).await.expect("written");
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await.expect("read");
            let answer = String::from_utf8(answer).expect("text");
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
            let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
            (status, head.to_lowercase(), body.to_owned())
        })
        .await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> u16 {
        self.http("POST", path, "content-type: application/json\r\n", &body.to_string()).await.0
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Client {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

/// How a websocket ended: a close code, or nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum End {
    Closed(u16),
    Dropped,
}

impl Client {
    pub(crate) async fn say(&mut self, message: Value) {
        soon(self.socket.send(Message::text(message.to_string()))).await.expect("sent");
    }

    pub(crate) async fn send(&mut self, message: Message) -> Result<(), Error> {
        soon(self.socket.send(message)).await
    }

    pub(crate) async fn hear(&mut self) -> Value {
        match soon(self.socket.next()).await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).expect("JSON"),
            other => panic!("expected a message, got {other:?}"),
        }
    }

    pub(crate) async fn hear_binary(&mut self) -> Vec<u8> {
        match soon(self.socket.next()).await {
            Some(Ok(Message::Binary(bytes))) => bytes.to_vec(),
            other => panic!("expected a binary message, got {other:?}"),
        }
    }

    /// Reads on until the end.
    pub(crate) async fn end(&mut self) -> End {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return End::Closed(frame.code.into()),
                Some(Ok(Message::Close(None)) | Err(_)) | None => return End::Dropped,
                Some(Ok(_)) => {}
            }
        }
    }

    pub(crate) async fn close(&mut self) {
        soon(self.socket.close(None)).await.expect("closed");
    }

    /// What is left unread in the meantime stays in the system's buffers.
    pub(crate) fn split(
        self,
    ) -> (impl SinkExt<Message, Error = Error>, impl StreamExt<Item = Result<Message, Error>> + Unpin) {
        self.socket.split()
    }
}
