//! A redis-server and relays as child processes, without fixed ports, killed by their own handles.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Far more than anything here takes: only there so that what is broken fails instead of hanging.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("we were kept waiting")
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("{what}: did not come to pass"));
}

/// Stops a process, and waits until every thread of it stands still.
#[cfg(target_os = "linux")]
fn freeze(child: &Child) {
    send("-STOP", child);
    let stands = |task: std::io::Result<std::fs::DirEntry>| {
        let stat = std::fs::read_to_string(task.expect("a task").path().join("stat")).expect("its state");
        stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
    };
    let begun = std::time::Instant::now();
    while !std::fs::read_dir(format!("/proc/{}/task", child.id())).expect("its tasks").all(stands) {
        assert!(begun.elapsed() < PATIENCE, "it does not stand still");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[cfg(target_os = "linux")]
fn send(signal: &str, child: &Child) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill").success());
}

/// A redis-server of our own, in a folder of its own, behind a socket in it.
pub(crate) struct Redis {
    folder: PathBuf,
    child: Option<Child>,
    arguments: Vec<String>,
}

impl Redis {
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    pub(crate) fn start_with(arguments: &[&str]) -> Self {
        let mut redis = Self::absent(arguments);
        redis.run();
        redis
    }

    /// One that does not run yet.
    pub(crate) fn absent(arguments: &[&str]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("tautline-redis-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        Self { folder, child: None, arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect() }
    }

    /// Starts it with what its folder has, and waits until it listens.
    pub(crate) fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command.arg("--dir").arg(&self.folder).arg("--unixsocket").arg(self.socket());
        command.args(["--port", "0", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
        command.args(&self.arguments).stdin(Stdio::null()).stdout(Stdio::null());
        let child = command.spawn().expect("redis-server was not found: run `cargo xtask install`");
        self.child = Some(child);
        let begun = std::time::Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            assert!(begun.elapsed() < PATIENCE, "the redis-server does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// As a crash would.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("ended");
            let _ = std::fs::remove_file(self.socket());
        }
    }

    /// Lets it stand still, and go on.
    #[cfg(target_os = "linux")]
    pub(crate) fn freeze(&self) {
        freeze(self.child.as_ref().expect("it runs"));
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn thaw(&self) {
        send("-CONT", self.child.as_ref().expect("it runs"));
    }

    /// Loses what it kept.
    pub(crate) fn empty(&mut self) {
        assert!(self.child.is_none(), "it runs");
        std::fs::remove_dir_all(&self.folder).expect("emptied");
        std::fs::create_dir_all(&self.folder).expect("a folder");
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Writes a file beside what it keeps; its path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, text).expect("written");
        path.display().to_string()
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
    log: Arc<Mutex<String>>,
}

impl Relay {
    pub(crate) fn start(redis: &Redis) -> Self {
        Self::start_with(&redis.url(), &[])
    }

    pub(crate) fn start_with(url: &str, arguments: &[&str]) -> Self {
        Self::start_in(url, arguments, &[])
    }

    /// One without a Redis.
    pub(crate) fn alone(arguments: &[&str]) -> Self {
        Self::run(arguments, &[])
    }

    /// Starts it with these variables in its environment.
    pub(crate) fn start_in(url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::run(arguments, &[&[("TAUTLINE_REDIS", url)], variables].concat())
    }

    fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tautline-relay"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TAUTLINE_")) {
            command.env_remove(name);
        }
        command.args(["--listen", "127.0.0.1:0", "--open"]).args(arguments);
        command.envs(variables.iter().copied()).env("RUST_LOG", "tautline_relay=debug");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the relay starts");
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
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").expect("the address").to_owned();
        Self { child, address, log }
    }

    /// Lets it stand still, and go on.
    #[cfg(target_os = "linux")]
    pub(crate) fn freeze(&self) {
        freeze(&self.child);
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn thaw(&self) {
        send("-CONT", &self.child);
    }

    /// What it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }

    /// The status and the body of one HTTP request.
    pub(crate) async fn http(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        soon(async {
            let mut stream = TcpStream::connect(&self.address).await.expect("a connection");
            let length = body.len();
            let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
            let request = format!("{head}content-length: {length}\r\n{headers}\r\n{body}");
            stream.write_all(request.as_bytes()).await.expect("written");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("read");
            let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
            let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
            (status, body.to_owned())
        })
        .await
    }

    /// Waits until it has found its Redis, or lost it.
    pub(crate) async fn redis_is(&self, state: &str) {
        let wanted = format!(r#""redis":"{state}""#);
        until(&wanted, async || self.http("GET", "/health", "", "").await.1.contains(&wanted)).await;
    }
}

impl Drop for Relay {
    /// As a crash would.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
