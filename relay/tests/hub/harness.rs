//! A hub, a clock, and clients that write down what they get.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::Sha256;
use tautline_relay::hub::{Authenticator, ConnectionId, Frame, Hub, HubConfig, Output, Position, Refusal, Ticket};

pub(crate) const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// Where every test's clock starts, in ms since 1970.
pub(crate) const START: u64 = 1_800_000_000_000;

pub(crate) struct World {
    pub(crate) hub: Hub,
    pub(crate) now: u64,
    inboxes: BTreeMap<u64, Vec<Frame>>,
    closes: BTreeMap<u64, (u16, &'static str)>,
    published: Vec<Result<Position, Refusal>>,
}

impl World {
    pub(crate) fn open() -> Self {
        Self::with(HubConfig::default(), Authenticator::Open)
    }

    pub(crate) fn configured(change: impl FnOnce(&mut HubConfig)) -> Self {
        let mut config = HubConfig::default();
        change(&mut config);
        Self::with(config, Authenticator::Open)
    }

    pub(crate) fn secured() -> Self {
        Self::with(HubConfig::default(), Authenticator::hs256(SECRET))
    }

    fn with(config: HubConfig, authenticator: Authenticator) -> Self {
        let hub = Hub::new(config, authenticator, 7);
        Self { hub, now: START, inboxes: BTreeMap::new(), closes: BTreeMap::new(), published: Vec::new() }
    }

    /// Forgets everything, as a server that was killed.
    pub(crate) fn restart(&mut self, seed: u64) {
        self.hub = Hub::new(self.hub.config().clone(), Authenticator::Open, seed);
    }

    pub(crate) fn connect(&mut self, client: u64) {
        self.hub.handle_open(self.now, ConnectionId(client));
        self.drain();
    }

    /// Opens and says hello as the session of this letter; returns the welcome.
    pub(crate) fn join(&mut self, client: u64, letter: &str) -> Value {
        self.connect(client);
        self.say(client, &format!(r#"{{"type":"hello","session":"{}"}}"#, letter.repeat(16)));
        let [welcome] = self.take(client).try_into().expect("one welcome");
        assert_eq!(welcome["type"], "welcome");
        welcome
    }

    pub(crate) fn say(&mut self, client: u64, text: &str) {
        self.send(client, Frame::text(text));
    }

    pub(crate) fn send(&mut self, client: u64, frame: Frame) {
        self.hub.handle_frame(self.now, ConnectionId(client), frame);
        self.drain();
    }

    /// Says it and takes everything that came back.
    pub(crate) fn ask(&mut self, client: u64, text: &str) -> Vec<Value> {
        self.say(client, text);
        self.take(client)
    }

    /// Says it and takes the one frame that came back.
    pub(crate) fn ask_one(&mut self, client: u64, text: &str) -> Value {
        let answers = self.ask(client, text);
        let [answer] = answers.try_into().unwrap_or_else(|all| panic!("one answer to {text}, not {all:?}"));
        answer
    }

    pub(crate) fn publish(&mut self, client: u64, id: u64, channel: &str) -> Vec<Value> {
        self.ask(
            client,
            &format!(r#"{{"type":"publish","id":{id},"channel":"{channel}","event":"note","payload":{id}}}"#),
        )
    }

    /// Publishes on the server's own account.
    pub(crate) fn announce(&mut self, channel: &str, event: &str, payload: &RawValue) -> Result<Position, Refusal> {
        self.hub.publish(self.now, Ticket(1), None, channel, event, payload);
        self.drain();
        self.published.pop().expect("an answer")
    }

    pub(crate) fn subscribe(&mut self, client: u64, channel: &str) -> Vec<Value> {
        self.ask(client, &format!(r#"{{"type":"subscribe","channel":"{channel}"}}"#))
    }

    pub(crate) fn hang_up(&mut self, client: u64, code: Option<u16>) {
        self.hub.handle_close(self.now, ConnectionId(client), code);
        self.drain();
    }

    /// Lets time pass, with every deadline in between met in time.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now + ms;
        while let Some(at) = self.hub.poll_timeout().filter(|at| *at <= end) {
            assert!(at >= self.now, "a deadline in the past stays there");
            self.now = at;
            self.hub.handle_timeout(at);
            self.drain();
        }
        self.now = end;
    }

    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.hub.poll_output() {
            match output {
                Output::Send { connection, frame } => {
                    assert!(!self.closes.contains_key(&connection.0), "sent to a closed connection");
                    self.inboxes.entry(connection.0).or_default().push(frame);
                }
                Output::Close { connection, code, reason } => {
                    self.closes.insert(connection.0, (code, reason));
                }
                Output::Published { result, .. } => self.published.push(result),
                Output::Ask(command) => panic!("a hub with its own memory asks nobody: {command:?}"),
            }
        }
    }

    pub(crate) fn take_frames(&mut self, client: u64) -> Vec<Frame> {
        self.inboxes.remove(&client).unwrap_or_default()
    }

    pub(crate) fn take_texts(&mut self, client: u64) -> Vec<String> {
        self.take_frames(client)
            .into_iter()
            .map(|frame| match frame {
                Frame::Text(text) => text.to_string(),
                Frame::Binary(_) => panic!("a binary frame"),
            })
            .collect()
    }

    pub(crate) fn take(&mut self, client: u64) -> Vec<Value> {
        self.take_texts(client).iter().map(|text| serde_json::from_str(text).expect("JSON")).collect()
    }

    pub(crate) fn close_code(&self, client: u64) -> Option<u16> {
        self.closes.get(&client).map(|(code, _)| *code)
    }
}

pub(crate) fn types(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["type"].as_str().expect("a type")).collect()
}

/// A token signed with `secret`, header and claims as given.
pub(crate) fn token_of(header: &str, claims: &str, secret: &[u8]) -> String {
    let head = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("a key");
    mac.update(head.as_bytes());
    format!("{head}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A good token that ends after `ms`.
pub(crate) fn token(user: &str, channels: &str, ms: u64) -> String {
    let exp = (START + ms) / 1_000;
    let claims = format!(r#"{{"sub":"{user}","channels":{channels},"exp":{exp}}}"#);
    token_of(r#"{"alg":"HS256","typ":"JWT"}"#, &claims, SECRET)
}
