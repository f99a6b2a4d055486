//! The relay as a child process on a free port, and the clients that speak with it.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::metrics::Metrics;

/// Far more than anything here takes: only there so that a broken relay fails instead of hanging.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("the relay kept us waiting")
}

pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
    /// The address of `--metrics-listen`.
    pub(crate) metrics_address: Option<String>,
    log: Arc<Mutex<String>>,
}

impl Relay {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with(arguments, &[])
    }

    /// Starts it with these variables in its environment.
    pub(crate) fn start_with(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Self::command();
        command.args(["--listen", "127.0.0.1:0"]).args(arguments).envs(variables.iter().copied());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the relay starts");
        let log = Arc::<Mutex<String>>::default();
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe"));
        let written = log.clone();
        std::thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
                written.lock().expect("the log").push_str(&line);
                line.clear();
            }
        });
        let mut said = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut line = || said.next().unwrap_or_else(|| panic!("no address: {}", log.lock().expect("the log")));
        let address = line().expect("a line").rsplit_once('/').expect("an address").1.to_owned();
        let metrics = arguments.contains(&"--metrics-listen").then(|| line().expect("a line"));
        let metrics_address = metrics.map(|line| line.split('/').nth(2).expect("an address").to_owned());
        Self { child, address, metrics_address, log }
    }

    /// Starts it with options it should refuse; returns what it said.
    pub(crate) fn refuse(arguments: &[&str]) -> String {
        let output = Self::output(arguments, &[]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).expect("text")
    }

    /// Runs it to its end.
    pub(crate) fn output(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        Self::command().args(arguments).envs(variables.iter().copied()).output().expect("the relay runs")
    }

    fn command() -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tautline-relay"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAUTLINE_")) {
            command.env_remove(name);
        }
        command.env_remove("RUST_LOG").stdin(Stdio::null());
        command
    }

    /// Asks it to stop, as a service manager does.
    pub(crate) fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal, such as `-HUP`.
    pub(crate) fn signal(&self, signal: &str) {
        let sent = Command::new("kill").arg(signal).arg(self.child.id().to_string()).status().expect("kill");
        assert!(sent.success());
    }

    /// The memory it holds, in bytes.
    #[cfg(target_os = "linux")]
    pub(crate) fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("a status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1_024
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// Waits until it has logged this.
    pub(crate) async fn logged(&self, text: &str) {
        self.until(text, async || self.log().contains(text)).await;
    }

    /// What it counts, where everybody may read it.
    pub(crate) async fn metrics(&self) -> Metrics {
        let address = self.metrics_address.as_ref().unwrap_or(&self.address);
        let (status, _, text) = http(address, "GET", "/metrics", "", "").await;
        assert_eq!(status, 200, "{text}");
        Metrics::parse(&text)
    }

    /// Waits until what it counts is so.
    pub(crate) async fn counts(&self, what: &str, condition: impl Fn(&Metrics) -> bool) {
        self.until(what, async || condition(&self.metrics().await)).await;
    }

    /// Waits until something is so.
    pub(crate) async fn until(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        let waiting = async {
            while !condition().await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(PATIENCE, waiting).await.is_err() {
            panic!("{what}: did not come to pass. The log:\n{}", self.log());
        }
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
        let headers = [("sec-websocket-protocol", protocol), ("origin", origin)];
        self.connect_with(headers.into_iter().filter_map(|(name, value)| Some((name, value?)))).await
    }

    /// A websocket of a client that a proxy says to be at this address.
    pub(crate) async fn connect_from(&self, forwarded: &str) -> Result<Client, u16> {
        self.connect_with([("sec-websocket-protocol", "tautline.v1"), ("x-forwarded-for", forwarded)]).await
    }

    async fn connect_with(&self, headers: impl IntoIterator<Item = (&'static str, &str)>) -> Result<Client, u16> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().expect("a header"));
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
        let member = client.hello(letter).await;
        (client, member)
    }

    /// One HTTP request; the status, the head and the body that came back.
    pub(crate) async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
        http(&self.address, method, path, headers, body).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> u16 {
        self.http("POST", path, "content-type: application/json\r\n", &body.to_string()).await.0
    }
}

/// One HTTP request to this address; the status, the head and the body that came back.
pub(crate) async fn http(address: &str, method: &str, path: &str, headers: &str, body: &str) -> (u16, String, String) {
    soon(async {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
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

/// A folder of its own for one test, gone when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("tautline-relay-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }

    /// Writes a file; returns its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let file = self.0.join(name);
        std::fs::write(&file, text).expect("written");
        file.to_str().expect("a path in UTF-8").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
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
    /// Says hello as the session of this letter; returns the member's name.
    pub(crate) async fn hello(&mut self, letter: &str) -> String {
        self.say(json!({"type":"hello","session":letter.repeat(16)})).await;
        let welcome = self.hear().await;
        assert_eq!(welcome["type"], "welcome");
        welcome["member"].as_str().expect("a name").to_owned()
    }

    /// Says it, and hears one answer.
    pub(crate) async fn ask(&mut self, message: Value) -> Value {
        self.say(message).await;
        self.hear().await
    }

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
