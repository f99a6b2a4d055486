//! A client in a world with a virtual clock, where the test is the network, the server, the page and the application.

use super::host::{Data, Json, NativeHost};
use super::log::{Log, Out, out};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tautline::Duration;
use tautline::host::{Frame, Host, Payload, Slots};
use tautline::protocol::json::{Json as JsonProtocol, JsonConfig};
use tautline::protocol::{Protocol, raw::Raw, tautline::Tautline};
use tautline::{
    ChannelId, Client, Code, Config, Endpoint, Event, Instant, Message, NetworkEvent, Output, PageEvent, PublicState,
    SocketEvent,
};

/// The world of one client. Every input drains the outputs into the log.
pub(crate) struct World {
    pub(crate) client: Client<NativeHost>,
    now: Instant,
    log: Log,
    /// The latest attempt and socket: those that helpers without a number mean.
    pub(crate) attempt: u32,
    pub(crate) socket: u32,
    /// Whether each send is settled: exactly one outcome, on every path of every test.
    sends: BTreeMap<u64, bool>,
    requests: BTreeMap<u64, bool>,
}

/// The default, with a token function.
pub(crate) fn config() -> Config {
    Config { has_token: true, ..Config::default() }
}

/// The adapter for a hand-written server of this description.
pub(crate) fn hand_written(description: &Value) -> JsonProtocol {
    JsonProtocol::new(JsonConfig::read(&NativeHost::default(), &Json::Value(description.clone())))
}

/// A description that stands in tests/transcripts/json/presets.json.
pub(crate) fn preset(name: &str) -> Value {
    let presets = include_str!("../transcripts/json/presets.json");
    serde_json::from_str::<Value>(presets).expect("JSON")[name].clone()
}

/// More wake-ups than any honest stretch of time needs.
const MAX_WAKEUPS: u32 = 20_000;
/// Wake-ups at one instant: beyond this a deadline stays in the past.
const MAX_SPIN: u32 = 20;

impl World {
    pub(crate) fn new(config: Config) -> Self {
        Self::speaking(config, Box::<Tautline>::default())
    }

    pub(crate) fn speaking(config: Config, protocol: Box<dyn Protocol<NativeHost>>) -> Self {
        Self::seeded(config, protocol, "session-0123456789", 1)
    }

    pub(crate) fn seeded(config: Config, protocol: Box<dyn Protocol<NativeHost>>, session: &str, seed: u64) -> Self {
        Self {
            client: Client::new(config, NativeHost::default(), protocol, &session.to_owned(), seed),
            now: Instant::from_millis(0),
            log: Log::default(),
            attempt: 0,
            socket: 0,
            sends: BTreeMap::new(),
            requests: BTreeMap::new(),
        }
    }

    /// A world whose client is connected; the log is empty.
    pub(crate) fn connected(config: Config) -> Self {
        let mut world = Self::new(config);
        world.connect();
        world.let_in();
        world.take();
        world
    }

    /// A connected world without a protocol; the log is empty.
    pub(crate) fn bare(config: Config, protocol: Raw<NativeHost>) -> Self {
        let mut world = Self::speaking(config, Box::new(protocol));
        world.connect();
        world.resolve(Some("ws://x/"), None);
        world.opened();
        world.take();
        world
    }

    /// A world that speaks to a hand-written server of this description; nothing has happened yet.
    pub(crate) fn described(config: Config, description: &Value) -> Self {
        Self::speaking(config, Box::new(hand_written(description)))
    }

    /// Sends a frame of the application's own.
    pub(crate) fn send_bare(&mut self, text: &str) -> Result<u64, Code> {
        let payload = Payload::Text(text.to_owned());
        self.publish_message(Message { channel: None, event: String::new(), payload, size: text.len(), ttl: None })
    }

    /// A connected world, subscribed to `name` at offset 0 of epoch `e`.
    pub(crate) fn subscribed(config: Config, name: &str) -> (Self, ChannelId) {
        let mut world = Self::connected(config);
        let channel = world.subscribe(name);
        world.admit(name, "e", 0, 0, true);
        world.take();
        (world, channel)
    }

    /// The page was loaded again: a new client takes over the unsettled messages of the old one.
    pub(crate) fn reload(&mut self, config: Config, session: &str, seed: u64, unsettled: &[(u64, &str, String)]) {
        let last_id = self.sends.keys().last().copied().unwrap_or(0);
        self.client = Client::new(config, NativeHost::default(), Box::<Tautline>::default(), &session.to_owned(), seed);
        self.requests.clear();
        assert!(self.client.adopt(&session.to_owned(), last_id), "a client that has not lived yet takes over");
        for (id, channel, payload) in unsettled {
            assert_eq!(self.sends.get(id), Some(&false), "only what is not settled lives on");
            let message = self.message(channel, payload);
            assert!(self.client.restore(self.now, *id, message), "the ids rise");
        }
        self.drain();
    }

    /// The messages that had no outcome yet.
    pub(crate) fn unsettled(&self) -> Vec<u64> {
        self.sends.iter().filter(|(_, settled)| !**settled).map(|(id, _)| *id).collect()
    }

    // The clock.

    pub(crate) const fn now(&self) -> Instant {
        self.now
    }

    /// Lets time pass, waking the client whenever it asks.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let target = self.now + duration;
        let (mut wakeups, mut spin) = (0, 0);
        while let Some((due, why)) = self.client.poll_timeout().filter(|(due, _)| *due <= target) {
            spin = if due > self.now { 0 } else { spin + 1 };
            wakeups += 1;
            assert!(spin < MAX_SPIN && wakeups < MAX_WAKEUPS, "busy loop: {why:?} at {due:?} stays in the past");
            self.now = self.now.max(due);
            self.timeout();
        }
        self.now = target;
    }

    pub(crate) fn advance_ms(&mut self, millis: u64) {
        self.advance(Duration::from_millis(millis));
    }

    pub(crate) fn advance_s(&mut self, seconds: u64) {
        self.advance(Duration::from_secs(seconds));
    }

    /// Time passes while nobody runs: timers fire only at the end.
    pub(crate) fn sleep(&mut self, duration: Duration) {
        self.now = self.now + duration;
        self.advance(Duration::ZERO);
    }

    /// It is so late, in milliseconds since the beginning.
    pub(crate) fn set_now(&mut self, millis: u64) {
        self.now = Instant::from_millis(millis);
    }

    /// Time passes, and something else than a timer comes first.
    pub(crate) fn now_is_later(&mut self, duration: Duration) {
        self.now = self.now + duration;
    }

    /// The clock of the driver goes wrong.
    pub(crate) fn now_is_earlier(&mut self, duration: Duration) {
        let millis = (self.now.since(Instant::from_millis(0)) - duration).as_millis();
        self.now = Instant::from_millis(millis);
    }

    /// The client is woken now, whether it asked or not.
    pub(crate) fn timeout(&mut self) {
        self.client.handle_timeout(self.now);
        self.drain();
    }

    /// Time until the next deadline.
    pub(crate) fn due_in(&self) -> Option<Duration> {
        self.client.poll_timeout().map(|(due, _)| due.since(self.now))
    }

    /// Waits until the next attempt begins.
    pub(crate) fn await_attempt(&mut self) {
        let before = self.attempt;
        for _ in 0..MAX_WAKEUPS {
            if self.attempt != before {
                return;
            }
            let wait = self.due_in().expect("a client that waits for something");
            self.advance(wait);
        }
        panic!("no attempt");
    }

    // The log.

    pub(crate) fn take(&mut self) -> Log {
        core::mem::take(&mut self.log)
    }

    pub(crate) fn sent(&mut self) -> Vec<String> {
        self.take().sent()
    }

    pub(crate) fn events(&mut self) -> Vec<Value> {
        self.take().events()
    }

    pub(crate) fn state(&self) -> PublicState {
        self.client.state()
    }

    /// Every send and request so far must have had its outcome.
    pub(crate) fn assert_settled(&self) {
        let open = |list: &BTreeMap<u64, bool>| list.iter().filter(|(_, done)| !**done).count();
        assert_eq!((open(&self.sends), open(&self.requests)), (0, 0), "sends and requests without an outcome");
    }

    // The application.

    pub(crate) fn connect(&mut self) {
        self.client.connect(self.now);
        self.drain();
    }

    pub(crate) fn close(&mut self) {
        self.client.close(self.now);
        self.drain();
    }

    pub(crate) fn close_with(&mut self, code: u16, reason: &str) {
        self.client.close_with(self.now, code, reason.to_owned());
        self.drain();
    }

    pub(crate) fn replace(&mut self, code: u16, reason: &str) {
        self.client.reconnect(self.now, code, reason.to_owned());
        self.drain();
    }

    /// Goes over to a hand-written server that stands in presets.json.
    pub(crate) fn speak(&mut self, name: &str) {
        self.client.speak(self.now, |_| Box::new(hand_written(&preset(name))));
        self.drain();
    }

    pub(crate) fn retry(&mut self) {
        self.client.retry(self.now);
        self.drain();
    }

    pub(crate) fn destroy(&mut self) {
        self.client.destroy(self.now);
        self.drain();
    }

    pub(crate) fn subscribe(&mut self, name: &str) -> ChannelId {
        self.join(name, false)
    }

    pub(crate) fn join(&mut self, name: &str, presence: bool) -> ChannelId {
        let channel = self.client.channel(&name.to_owned());
        self.client.subscribe(self.now, channel, presence);
        self.drain();
        channel
    }

    pub(crate) fn unsubscribe(&mut self, channel: ChannelId) {
        self.client.unsubscribe(self.now, channel);
        self.drain();
    }

    pub(crate) fn message(&mut self, channel: &str, payload: &str) -> Message<NativeHost> {
        Message {
            channel: Some(self.client.channel(&channel.to_owned())),
            event: r#""m""#.to_owned(),
            payload: Payload::Text(payload.to_owned()),
            size: payload.len(),
            ttl: None,
        }
    }

    pub(crate) fn publish(&mut self, channel: &str, payload: &str) -> Result<u64, Code> {
        let message = self.message(channel, payload);
        self.publish_message(message)
    }

    pub(crate) fn publish_ttl(&mut self, channel: &str, payload: &str, millis: u64) -> u64 {
        let message = Message { ttl: Some(Duration::from_millis(millis)), ..self.message(channel, payload) };
        self.publish_message(message).expect("room")
    }

    pub(crate) fn publish_message(&mut self, message: Message<NativeHost>) -> Result<u64, Code> {
        let id = match self.publish_next(&message) {
            Some(id) => Ok(id),
            None => self.client.publish(self.now, message),
        };
        if let Ok(id) = id {
            assert_eq!(self.sends.insert(id, false), None, "an id is given once");
        }
        self.drain();
        id
    }

    /// The short way, where it can be gone: as a driver would, which writes the frame and keeps it.
    fn publish_next(&mut self, Message { channel, event, payload, size, ttl }: &Message<NativeHost>) -> Option<u64> {
        let (Some(channel), Payload::Text(_), None) = (*channel, payload, ttl) else { return None };
        let id = self.sends.keys().last().unwrap_or(&0) + 1;
        if !self.client.publish_next(id, channel, *size, || self.now) {
            return None;
        }
        let template =
            Protocol::<NativeHost>::publish(&Tautline::default()).expect("what goes the short way has a template");
        let host = self.client.host_mut();
        let slots = Slots { number: id, channel: Some(channel), word: Some(event), payload };
        let Frame::Text(frame) = host.write(template, slots) else { panic!("a text makes a text frame") };
        host.kept.insert(id, frame.clone());
        for output in [
            Output::Send { socket: self.socket, frame: Frame::Text(frame) },
            Output::Emit(Event::Sent { id, settled: false }),
        ] {
            self.note(output);
        }
        Some(id)
    }

    pub(crate) fn publish_first(&mut self, message: Message<NativeHost>) -> Result<u64, Code> {
        let id = self.client.publish_first(self.now, message);
        if let Ok(id) = id {
            assert_eq!(self.sends.insert(id, false), None, "an id is given once");
        }
        self.drain();
        id
    }

    pub(crate) fn publish_volatile(&mut self, channel: &str, payload: &str) -> Result<u64, Code> {
        let message = self.message(channel, payload);
        let id = self.client.publish_volatile(self.now, message);
        self.drain();
        id
    }

    pub(crate) fn signal(&mut self, channel: &str, payload: &str) -> Result<(), Code> {
        let message = self.message(channel, payload);
        let said = self.client.signal(self.now, message);
        self.drain();
        said
    }

    pub(crate) fn cancel(&mut self, id: u64) -> bool {
        let done = self.client.cancel(self.now, id);
        self.drain();
        done
    }

    pub(crate) fn request(&mut self, payload: &str, timeout_ms: u64) -> Result<u64, Code> {
        let message = Message { channel: None, ..self.message("r", payload) };
        self.request_message(message, Duration::from_millis(timeout_ms))
    }

    pub(crate) fn request_message(&mut self, message: Message<NativeHost>, timeout: Duration) -> Result<u64, Code> {
        let id = self.client.request(self.now, message, timeout);
        if let Ok(id) = id {
            assert_eq!(self.requests.insert(id, false), None, "an id is given once");
        }
        self.drain();
        id
    }

    pub(crate) fn cancel_request(&mut self, id: u64) -> bool {
        let done = self.client.cancel_request(self.now, id);
        self.drain();
        done
    }

    pub(crate) fn typing(&mut self, channel: ChannelId, active: bool) {
        self.client.typing(self.now, channel, active);
        self.drain();
    }

    pub(crate) fn track(&mut self, channel: ChannelId, state: &str) {
        self.client.track(self.now, channel, state.to_owned());
        self.drain();
    }

    pub(crate) fn untrack(&mut self, channel: ChannelId) {
        self.client.untrack(self.now, channel);
        self.drain();
    }

    pub(crate) fn refresh(&mut self) {
        self.client.refresh(self.now);
        self.drain();
    }

    // The URL and token functions.

    pub(crate) fn resolve(&mut self, url: Option<&str>, token: Option<&str>) {
        self.resolve_attempt(self.attempt, url, token);
    }

    pub(crate) fn resolve_attempt(&mut self, attempt: u32, url: Option<&str>, token: Option<&str>) {
        let endpoint = Endpoint { url: url.map(str::to_owned), token: token.map(str::to_owned), subprotocols: None };
        self.client.handle_resolved(self.now, attempt, Ok(endpoint));
        self.drain();
    }

    pub(crate) fn resolve_fails(&mut self) {
        self.resolve_attempt_fails(self.attempt);
    }

    pub(crate) fn resolve_attempt_fails(&mut self, attempt: u32) {
        self.client.handle_resolved(self.now, attempt, Err(Some(Json::Value(json!("thrown")))));
        self.drain();
    }

    /// The application offers subprotocols of its own.
    pub(crate) fn resolve_offering(&mut self, names: &[&str]) {
        let subprotocols = Some(Json::Value(json!(names)));
        let endpoint = Endpoint { url: Some("ws://x/".to_owned()), token: None, subprotocols };
        self.client.handle_resolved(self.now, self.attempt, Ok(endpoint));
        self.drain();
    }

    // The network and the server.

    pub(crate) fn opened(&mut self) {
        self.socket_event(self.socket, SocketEvent::Opened);
    }

    pub(crate) fn closed(&mut self, code: Option<u16>) {
        self.socket_event(self.socket, SocketEvent::Closed { code });
    }

    pub(crate) fn receive(&mut self, frame: &Value) {
        self.receive_text(&frame.to_string());
    }

    pub(crate) fn receive_text(&mut self, text: &str) {
        self.receive_data(self.socket, &Data::Text(text.to_owned()));
    }

    pub(crate) fn receive_bytes(&mut self, bytes: &[u8]) {
        self.receive_data(self.socket, &Data::Bytes(bytes.to_vec()));
    }

    pub(crate) fn receive_data(&mut self, socket: u32, data: &Data) {
        let (header, body) = self.client.host().read(&self.client.shape(), data);
        let size = match data {
            Data::Text(text) => text.len(),
            Data::Bytes(bytes) => bytes.len(),
        };
        self.socket_event(socket, SocketEvent::Frame { header, body, size });
    }

    pub(crate) fn socket_event(&mut self, socket: u32, event: SocketEvent<NativeHost>) {
        self.client.handle_socket(self.now, socket, event);
        self.drain();
    }

    pub(crate) fn buffered(&mut self, bytes: usize) {
        self.client.handle_buffered(self.now, bytes);
        self.drain();
    }

    pub(crate) fn network(&mut self, event: NetworkEvent) {
        self.client.handle_network(self.now, event);
        self.drain();
    }

    pub(crate) fn page(&mut self, event: PageEvent) {
        self.client.handle_page(self.now, event);
        self.drain();
    }

    /// From an attempt that asks for the URL to a welcomed connection.
    pub(crate) fn let_in(&mut self) {
        self.resolve(Some("ws://x/"), Some("secret"));
        self.opened();
        self.welcome(&json!({}));
    }

    /// The usual welcome, changed by `patch`.
    pub(crate) fn welcome(&mut self, patch: &Value) {
        let mut frame = json!({ "type": "welcome", "connection": "c", "member": "me", "resumed": false,
            "heartbeat": 25000, "timeout": 10000, "limits": { "frame": 65536, "rate": 1000, "per": 1000 } });
        for (key, value) in patch.as_object().expect("an object") {
            frame[key] = value.clone();
        }
        self.receive(&frame);
    }

    /// Loses the line and comes back to a welcomed connection.
    pub(crate) fn reconnect(&mut self) {
        self.closed(None);
        self.await_attempt();
        self.let_in();
    }

    /// The answer to a subscription.
    pub(crate) fn admit(&mut self, channel: &str, epoch: &str, offset: u64, latest: u64, recovered: bool) {
        self.receive(&json!({ "type": "subscribed", "channel": channel, "epoch": epoch, "offset": offset,
            "latest": latest, "recovered": recovered }));
    }

    /// A message of sender 7.
    pub(crate) fn deliver(&mut self, channel: &str, offset: u64, id: u64) {
        self.deliver_from(channel, offset, 7, id);
    }

    pub(crate) fn deliver_from(&mut self, channel: &str, offset: u64, sender: u64, id: u64) {
        self.receive(&json!({ "type": "message", "channel": channel, "event": "m", "offset": offset, "from": "other",
            "sender": sender, "id": id, "time": 1, "payload": id }));
    }

    pub(crate) fn ack(&mut self, id: u64, offset: u64) {
        self.receive(&json!({ "type": "ack", "id": id, "channel": "r", "epoch": "e", "offset": offset, "time": 1 }));
    }

    pub(crate) fn refuse(&mut self, rest: &Value) {
        let mut frame = json!({ "type": "refused", "message": "no" });
        for (key, value) in rest.as_object().expect("an object") {
            frame[key] = value.clone();
        }
        self.receive(&frame);
    }

    /// Moves the outputs into the log, and holds the client to one outcome for each send.
    pub(crate) fn drain(&mut self) {
        while let Some(output) = self.client.poll_output() {
            self.note(output);
        }
    }

    fn note(&mut self, output: Output<NativeHost>) {
        let out = out(self.client.host(), &self.client.shape(), output);
        match &out {
            Out::Resolve { attempt, .. } => self.attempt = *attempt,
            Out::Open { socket, .. } => self.socket = *socket,
            Out::Close { code, .. } => {
                assert!(matches!(code, 1000 | 3000..=4999), "browsers throw at close({code})");
            }
            Out::Sent { .. } => {}
            Out::Event(event) => {
                let volatile = event["id"].as_u64().is_some_and(|id| !self.sends.contains_key(&id));
                let settled = match event["event"].as_str() {
                    Some("sent") if event["settled"] == true && !volatile => Some(&mut self.sends),
                    Some("acked" | "failed") => Some(&mut self.sends),
                    Some("replied" | "request-failed") => Some(&mut self.requests),
                    _ => None,
                };
                if let Some(list) = settled {
                    let id = event["id"].as_u64().expect("an id");
                    assert_eq!(list.insert(id, true), Some(false), "one outcome for each: {event}");
                }
            }
        }
        self.log.0.push(out);
    }
}
