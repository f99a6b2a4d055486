//! A client that follows the protocol's rules over lost connections, moves between relays, and writes down what it gets.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, timeout};

use crate::socket::Socket;

/// Where the relays are now; none where one has just been killed.
pub(crate) type Addresses = Arc<Mutex<Vec<Option<String>>>>;

/// How many publishes may be without an answer.
const WINDOW: usize = 16;

/// Where it stands in a channel, and what it got there.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    epoch: String,
    pub(crate) offset: u64,
    /// The payloads, in the order they came.
    pub(crate) messages: Vec<Value>,
    pub(crate) gaps: u32,
}

/// What a peer has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) inboxes: BTreeMap<String, Inbox>,
    /// Channel and offset of each payload that was acknowledged.
    pub(crate) acked: BTreeMap<String, (String, u64)>,
    pub(crate) unsettled: usize,
    pub(crate) connections: u32,
    /// Messages that came again and were not handed on.
    pub(crate) doubles: u32,
}

pub(crate) struct Peer {
    name: usize,
    addresses: Addresses,
    channels: Vec<String>,
    rng: fastrand::Rng,
    seen: Arc<Mutex<Seen>>,
    /// Id, channel and payload of what is not settled, and how many of the first are in flight.
    outbox: VecDeque<(u64, String, Value)>,
    in_flight: usize,
    held_until: Option<Instant>,
    last: u64,
    /// From when on it publishes nothing new.
    until: Instant,
}

impl Peer {
    pub(crate) fn new(
        name: usize,
        addresses: Addresses,
        channels: &[&str],
        until: Instant,
    ) -> (Self, Arc<Mutex<Seen>>) {
        let seen = Arc::<Mutex<Seen>>::default();
        let peer = Self {
            name,
            addresses,
            channels: channels.iter().map(|channel| (*channel).to_owned()).collect(),
            rng: fastrand::Rng::with_seed(name as u64),
            seen: seen.clone(),
            outbox: VecDeque::new(),
            in_flight: 0,
            held_until: None,
            last: 0,
            until,
        };
        (peer, seen)
    }

    pub(crate) async fn run(mut self) {
        loop {
            let address = {
                let addresses = self.addresses.lock().expect("the addresses");
                addresses[self.rng.usize(..addresses.len())].clone()
            };
            if let Some(socket) = match address {
                Some(address) => timeout(Duration::from_secs(5), Socket::open(&address)).await.ok().flatten(),
                None => None,
            } {
                self.serve(socket).await;
            }
            tokio::time::sleep(Duration::from_millis(self.rng.u64(5..50))).await;
        }
    }

    /// Until the connection is lost, or it moves on.
    async fn serve(&mut self, mut socket: Socket) -> Option<()> {
        self.in_flight = 0;
        socket.try_say(&json!({"type":"hello","session":format!("peer-{:016}", self.name)})).await?;
        let welcome = timeout(Duration::from_secs(5), socket.next()).await.ok()?.ok()?;
        assert_eq!(welcome["type"], "welcome", "{welcome}");
        self.seen.lock().expect("what it saw").connections += 1;
        for channel in self.channels.clone() {
            socket.try_say(&self.wish(&channel)).await?;
        }
        let moves = Instant::now() + Duration::from_millis(self.rng.u64(500..4_000));
        while Instant::now() < moves {
            self.publish(&mut socket).await?;
            let Ok(message) = timeout(Duration::from_millis(10), socket.next()).await else { continue };
            let message = message.ok()?;
            if let Some(wish) = self.hear(&message) {
                socket.try_say(&wish).await?;
            }
        }
        None
    }

    fn wish(&self, channel: &str) -> Value {
        let seen = self.seen.lock().expect("what it saw");
        match seen.inboxes.get(channel) {
            Some(inbox) => {
                json!({"type":"subscribe","channel":channel,"epoch":inbox.epoch,"offset":inbox.offset})
            }
            None => json!({"type":"subscribe","channel":channel}),
        }
    }

    async fn publish(&mut self, socket: &mut Socket) -> Option<()> {
        if Instant::now() < self.until && self.outbox.len() < 2 * WINDOW && self.rng.u8(..) < 64 {
            self.last += 1;
            let channel = self.rng.choice(&self.channels).expect("a channel").clone();
            self.outbox.push_back((self.last, channel, json!(format!("{}-{}", self.name, self.last))));
        }
        self.seen.lock().expect("what it saw").unsettled = self.outbox.len();
        if self.held_until.is_some_and(|until| Instant::now() < until) {
            return Some(());
        }
        while self.in_flight < WINDOW
            && let Some((id, channel, payload)) = self.outbox.get(self.in_flight)
        {
            let publish = json!({"type":"publish","id":id,"channel":channel,"event":"e","payload":payload});
            self.in_flight += 1;
            socket.try_say(&publish).await?;
        }
        Some(())
    }

    /// Takes a message; returns a subscription that is to be asked for again.
    fn hear(&mut self, message: &Value) -> Option<Value> {
        let number = |field: &str| message[field].as_u64().unwrap_or_else(|| panic!("{field} in {message}"));
        let channel = || message["channel"].as_str().expect("a channel").to_owned();
        let mut seen = self.seen.lock().expect("what it saw");
        match message["type"].as_str().expect("a type") {
            "subscribed" => {
                let (epoch, offset) = (message["epoch"].as_str().expect("an epoch").to_owned(), number("offset"));
                if offset > 0 && !seen.inboxes.contains_key(&channel()) {
                    // From the very beginning, so that all can be compared.
                    return Some(json!({"type":"subscribe","channel":channel(),"epoch":epoch,"offset":0}));
                }
                let inbox = seen.inboxes.entry(channel()).or_default();
                if message["recovered"] == false
                    && !inbox.epoch.is_empty()
                    && (inbox.epoch != epoch || inbox.offset < offset)
                {
                    inbox.gaps += 1;
                    inbox.offset = offset;
                }
                inbox.epoch = epoch;
            }
            "message" => {
                let offset = number("offset");
                let inbox = seen.inboxes.get_mut(&channel())?;
                if offset <= inbox.offset {
                    seen.doubles += 1;
                } else {
                    inbox.gaps += u32::from(offset != inbox.offset + 1);
                    inbox.offset = offset;
                    inbox.messages.push(message["payload"].clone());
                }
            }
            "ack" => {
                let at = self.outbox.iter().position(|(id, ..)| *id == number("id"));
                let (_, channel, payload) = self.outbox.remove(at?).expect("it is there");
                self.in_flight = self.in_flight.saturating_sub(1);
                assert_eq!(channel, message["channel"]);
                seen.acked.insert(payload.as_str().expect("text").to_owned(), (channel, number("offset")));
            }
            "refused" => {
                let retry = Duration::from_millis(number("retry"));
                if message.get("id").is_some() {
                    self.in_flight = 0;
                    self.held_until = Some(Instant::now() + retry);
                } else {
                    drop(seen);
                    return Some(self.wish(&channel()));
                }
            }
            "presence" | "ping" | "pong" => {}
            _ => panic!("{message}"),
        }
        None
    }
}
