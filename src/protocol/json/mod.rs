//! Plain JSON as hand-written servers speak it: `{type, payload}` with names of their own (docs/json.md).
//!
//! In: headers, commands, a [`JsonConfig`]. Out: frames and facts. Such a server numbers nothing and remembers nothing, so
//! every subscription after the first says honestly that messages may be missing. Not here: who is present (roster.rs), what
//! our messages look like (envelope.rs).

mod config;
mod envelope;
mod roster;

pub use config::JsonConfig;

use super::{About, Command, Fact, HeartbeatPlan, Hello, Protocol, Ready, Verdict, Wire};
use crate::channel::ChannelId;
use crate::error::Code;
use crate::host::{Binary, Counter, Header, Host, Key, Payload, Shape, Slots, Textual};
use crate::time::Duration;
use config::Meaning;
use envelope::Envelope;
use roster::Roster;

/// The adapter.
#[derive(Debug)]
pub struct Json {
    config: JsonConfig,
    session: String,
    admitted: bool,
    /// Channels that were asked for on this connection and that the server may still send from.
    joined: Vec<ChannelId>,
    roster: Roster,
    /// Our own name among the members, where the server said it.
    own: Option<String>,
    /// The application heard, on this connection, that nobody knows whose a message is.
    complained: bool,
}

/// A server that says how often it beats is believed within these bounds; one that missed two beats is dead.
const RHYTHM: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));
/// How often to beat, and how long an answer may take; the application's options override both.
const BEAT: (Duration, Duration) = (Duration::from_secs(25), Duration::from_secs(10));

impl Json {
    /// An adapter for a server of this description.
    #[must_use]
    pub const fn new(config: JsonConfig) -> Self {
        Self {
            config,
            session: String::new(),
            admitted: false,
            joined: Vec::new(),
            roster: Roster::new(),
            own: None,
            complained: false,
        }
    }

    fn expects(&self, meaning: Meaning) -> bool {
        self.config.receive.iter().any(|(_, known)| *known == meaning)
    }

    /// Says a message, if there is one for it.
    fn say<H: Host>(&self, envelope: Option<&Envelope>, slots: Slots<'_, H>, wire: &mut Wire<H>) -> Option<()> {
        envelope?.send(&self.session, slots, wire);
        Some(())
    }

    /// The message that carries this event, or why there is none.
    fn carrier<H: Host>(&self, channel: Option<ChannelId>, event: &H::Text, host: &H) -> Result<&Envelope, Code> {
        let name = if self.config.events.is_empty() { None } else { host.parse(&host.read(event)) };
        let name = name.and_then(|name| host.string(&name));
        let own = self.config.events.iter().find(|(known, _)| Some(known) == name.as_ref());
        let any = if channel.is_some() { &self.config.send.publish } else { &self.config.send.emit };
        match own.map(|(_, envelope)| envelope).or(any.as_ref()) {
            Some(envelope) if envelope.has_channel() == channel.is_some() => Ok(envelope),
            Some(_) if channel.is_none() => Err(Code::ChannelRequired),
            _ => Err(Code::Unsupported),
        }
    }

    fn ready<H: Host>(&mut self, body: Option<&H::Json>, wire: &mut Wire<H>) {
        self.admitted = true;
        let host = wire.host();
        let connection = body.and_then(|body| name_at(host, body, &self.config.fields.connection));
        self.own = body.and_then(|body| self.member(host, body)).map(|(id, _)| id);
        let mut said = String::from("{\"connection\":");
        push_quoted(host, &mut said, connection.as_deref().unwrap_or_default());
        said.push_str(",\"member\":");
        push_quoted(host, &mut said, self.own.as_deref().unwrap_or_default());
        if let Some(shard) = body.and_then(|body| counter_at(host, body, &self.config.fields.shard)) {
            said.push_str(",\"shard\":");
            said.push_str(&shard.to_string());
        }
        said.push('}');
        let frame = host.parse(&said);
        let rhythm = body.and_then(|body| counter_at(host, body, &self.config.fields.heartbeat)).filter(|ms| *ms > 0);
        let said = rhythm.map(|ms| Duration::from_millis(ms).clamp(RHYTHM.0, RHYTHM.1) * 5 / 2);
        wire.fact(Fact::Ready(Ready {
            frame,
            resumed: false,
            heartbeat: Some(HeartbeatPlan {
                beat: self.config.send.ping.is_some().then_some(BEAT),
                silence: said.or(self.config.silence),
                strict: false,
            }),
            expires: None,
            frame_limit: None,
            rate: None,
            reserve: 0,
        }));
    }

    /// A subscription stands. What was said before it is lost: the server keeps nothing.
    fn subscribed<H: Host>(&mut self, channel: ChannelId, wire: &mut Wire<H>) {
        let epoch = wire.host().text("\"\"");
        wire.fact(Fact::Subscribed { channel, epoch, offset: 0, latest: 0, recovered: false, members: None });
        // Who was here is known again only from a list; without one nobody is, until they say something.
        if self.config.fields.members.is_empty() {
            self.roster.empty(channel, wire);
        }
    }

    /// Whose message it is: the channel that it names or, where the server names none, the only one that there is.
    fn channel_of<H: Host>(&self, header: &Header, body: &H::Json, host: &H) -> Option<ChannelId> {
        match self.joined[..] {
            [only] if self.is_unaddressed(header, body, host) => Some(only),
            _ => header.channel,
        }
    }

    /// Whether a frame should have named its channel and did not.
    fn is_unaddressed<H: Host>(&self, header: &Header, body: &H::Json, host: &H) -> bool {
        self.config.only_channel
            && header.channel.is_none()
            && name_at(host, body, &self.config.fields.channel).is_none()
    }

    /// The name and the state of whom a frame is about.
    fn member<H: Host>(&self, host: &H, body: &H::Json) -> Option<(String, H::Json)> {
        let member = at(host, body, &self.config.fields.member)?;
        let id = self.identity(host, &member)?;
        // A bare name has no state of its own: what is said of it is the payload.
        let bare = name(host, &member).and_then(|_| at(host, body, &self.config.fields.payload));
        Some((id, bare.unwrap_or(member)))
    }

    fn identity<H: Host>(&self, host: &H, member: &H::Json) -> Option<String> {
        name(host, member).or_else(|| name_at(host, member, &self.config.fields.member_id))
    }

    fn hear<H: Host>(&mut self, meaning: Meaning, header: &Header, body: &H::Json, wire: &mut Wire<H>) -> Option<()> {
        match meaning {
            Meaning::Ignored => {}
            Meaning::Ready => self.ready(Some(body), wire),
            Meaning::Pong => wire.fact(Fact::HeartbeatAnswered),
            Meaning::Ping => {
                let said = at(wire.host(), body, &self.config.fields.timestamp);
                let said = said.map_or_else(|| "null".to_owned(), |said| wire.host().stringify(&said));
                let word = wire.host().text(&said);
                // A server that wants no answer has none configured.
                let _ = self.say(self.config.send.pong.as_ref(), Slots { word: Some(&word), ..slots(None) }, wire);
            }
            Meaning::Subscribed => {
                let channel = self.channel_of(header, body, wire.host())?;
                self.subscribed(channel, wire);
            }
            Meaning::Ack => {
                let id = self.number(wire.host(), body)?;
                wire.fact(Fact::Acked { id, offset: 0, frame: body.clone() });
            }
            Meaning::Refused | Meaning::Error => self.refused(meaning, header, body, wire),
            Meaning::Event => self.event(header, body, wire),
            Meaning::Typing | Meaning::StopTyping => {
                let channel = self.channel_of(header, body, wire.host());
                let (member, _) = self.member(wire.host(), body)?;
                // Of a channel that nobody opened here it is an event and no more.
                if channel.is_none() {
                    name_at(wire.host(), body, &self.config.fields.channel)?;
                }
                if let Some(channel) = channel
                    && self.own.as_ref() != Some(&member)
                {
                    let ttl = (meaning == Meaning::Typing).then_some(self.config.typing_ttl);
                    wire.fact(Fact::Typing { channel, member, ttl });
                }
                self.event(header, body, wire);
            }
            Meaning::Joined | Meaning::Left | Meaning::Updated => {
                let channel = self.channel_of(header, body, wire.host())?;
                self.presence(meaning, channel, body, wire)?;
                self.event(header, body, wire);
            }
        }
        Some(())
    }

    /// The application's own.
    fn event<H: Host>(&mut self, header: &Header, body: &H::Json, wire: &mut Wire<H>) {
        let channel = self.channel_of(header, body, wire.host());
        if self.joined.len() > 1 && !self.complained && self.is_unaddressed(header, body, wire.host()) {
            self.complained = true;
            wire.fact(Fact::Skipped { code: Code::PeerNoChannel });
        }
        wire.fact(Fact::Signal { channel, frame: body.clone() });
    }

    fn presence<H: Host>(
        &mut self,
        meaning: Meaning,
        channel: ChannelId,
        body: &H::Json,
        wire: &mut Wire<H>,
    ) -> Option<()> {
        let host = wire.host();
        let list = at(host, body, &self.config.fields.members).filter(|list| host.stringify(list).starts_with('['));
        if let Some(list) = list {
            let mut members = Vec::new();
            let mut index = 0;
            while let Some(member) = host.item(&list, index) {
                members.push((self.identity(host, &member)?, member));
                index += 1;
            }
            self.roster.replace(channel, &members, wire);
            return Some(());
        }
        let (id, state) = self.member(host, body)?;
        if meaning == Meaning::Left {
            self.roster.leave(channel, &id, wire);
        } else {
            self.roster.enter(channel, id, &state, wire);
        }
        Some(())
    }

    fn refused<H: Host>(&self, meaning: Meaning, header: &Header, body: &H::Json, wire: &mut Wire<H>) {
        let host = wire.host();
        let said = name_at(host, body, &self.config.fields.code);
        let known = self.config.codes.iter().find(|(name, _)| Some(name) == said.as_ref()).map(|(_, code)| *code);
        let about_token =
            matches!(known, Some(Code::RefusedTokenInvalid | Code::RefusedTokenExpired | Code::RefusedAuthRequired));
        let about = if meaning == Meaning::Refused || !self.admitted || about_token {
            About::Connection
        } else if let Some(id) = self.number(host, body) {
            About::Publish(id)
        } else if let Some(channel) = header.channel {
            About::Channel(channel)
        } else {
            About::Frame
        };
        let usual = if meaning == Meaning::Refused { Code::RefusedTokenInvalid } else { Code::RefusedOther };
        let detail = name_at(host, body, &self.config.fields.message).and_then(|words| {
            let mut detail = String::from("{\"message\":");
            push_quoted(host, &mut detail, &words);
            detail.push('}');
            host.parse(&detail)
        });
        wire.fact(Fact::Refused { about, code: known.unwrap_or(usual), retry: None, detail });
    }

    /// The number of ours that a frame answers.
    fn number<H: Host>(&self, host: &H, body: &H::Json) -> Option<u64> {
        let id = host.string(&at(host, body, &self.config.fields.id)?)?;
        let digits = id.strip_prefix(&*self.session)?.strip_prefix('-')?;
        digits.parse::<u64>().ok()
    }
}

impl<H: Host> Protocol<H> for Json {
    fn shape(&self) -> Shape<'_> {
        let fields = &self.config.fields;
        let mut words = Vec::new();
        for (kind, _) in &self.config.receive {
            words.push(kind.as_str());
        }
        Shape {
            text: Textual::Json,
            binary: Binary::Bare,
            kind: place(&fields.kind),
            event: place(&fields.event),
            channel: place(&fields.channel),
            numbers: &[],
            payload: place(&fields.payload),
            words: words.into(),
        }
    }

    fn needs_channel(&self) -> bool {
        self.config.send.emit.is_none() && self.config.events.iter().all(|(_, envelope)| envelope.has_channel())
    }

    fn acks(&self) -> bool {
        self.expects(Meaning::Ack)
    }

    fn opened(&mut self, hello: &Hello<'_, H>, wire: &mut Wire<H>) {
        (self.admitted, self.complained) = (false, false);
        self.joined.clear();
        let quoted = wire.host().read(hello.session);
        self.session = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned();
        if let Some(token) = hello.token {
            let token = wire.host().quote(token);
            // A server that takes no token has no message for it; the URL may carry it.
            let _ = self.say(self.config.send.auth.as_ref(), Slots { word: Some(&token), ..slots(None) }, wire);
        }
        if !self.expects(Meaning::Ready) {
            self.ready(None, wire);
        }
    }

    fn frame(&mut self, header: &Header, body: &H::Json, wire: &mut Wire<H>) {
        let meaning = match header.kind {
            Header::WORD => Some(Meaning::Event),
            kind => kind
                .checked_sub(Header::WORD + 1)
                .and_then(|index| self.config.receive.get(index as usize))
                .map(|(_, meaning)| *meaning),
        };
        if meaning.and_then(|meaning| self.hear(meaning, header, body, wire)).is_none() {
            wire.fact(Fact::Skipped { code: Code::PeerBadFrame });
        }
    }

    fn heartbeat(&mut self, wire: &mut Wire<H>) {
        // Without a message for it there is no beat to send.
        let _ = self.say(self.config.send.ping.as_ref(), slots(None), wire);
    }

    fn command(&mut self, command: &Command<'_, H>, wire: &mut Wire<H>) {
        let send = &self.config.send;
        let (about, said) = match *command {
            Command::Subscribe { channel, .. } => {
                let said = self.say(send.subscribe.as_ref(), slots(Some(channel)), wire);
                if said.is_some() {
                    if !self.joined.contains(&channel) {
                        self.joined.push(channel);
                    }
                    if !self.expects(Meaning::Subscribed) {
                        self.subscribed(channel, wire);
                    }
                }
                (About::Channel(channel), said.ok_or(Code::Unsupported))
            }
            Command::Unsubscribe { channel } => {
                if self.say(send.unsubscribe.as_ref(), slots(Some(channel)), wire).is_some() {
                    self.joined.retain(|joined| *joined != channel);
                }
                self.roster.forget(channel);
                return;
            }
            Command::Publish { id, channel, event, payload } => {
                let said = self.carrier(channel, event, wire.host()).and_then(|envelope| {
                    check(envelope, payload, wire.host())?;
                    let slots = Slots { number: id, channel, word: Some(event), payload };
                    envelope.send(&self.session, slots, wire);
                    Ok(())
                });
                (About::Publish(id), said)
            }
            Command::Signal { channel, event, payload, .. } => {
                let own = send.signal.as_ref().map(Ok);
                let carrier = own.unwrap_or_else(|| self.carrier(Some(channel), event, wire.host()));
                let said = carrier.and_then(|envelope| {
                    check(envelope, payload, wire.host())?;
                    if envelope.has_id() {
                        return Err(Code::Unsupported);
                    }
                    let slots = Slots { word: Some(event), payload, ..slots(Some(channel)) };
                    envelope.send(&self.session, slots, wire);
                    Ok(())
                });
                (About::Frame, said)
            }
            Command::Typing { channel, active: true, .. } => {
                let said = self.say(send.typing.as_ref(), slots(Some(channel)), wire);
                (About::Frame, said.ok_or(Code::Unsupported))
            }
            Command::Typing { channel, active: false, .. } => {
                // Where there is no word for it, the others find out by themselves.
                let _ = self.say(send.stop_typing.as_ref(), slots(Some(channel)), wire);
                return;
            }
            Command::Track { channel, state } => {
                let slots = Slots { word: Some(state), ..slots(Some(channel)) };
                (About::Frame, self.say(send.track.as_ref(), slots, wire).ok_or(Code::Unsupported))
            }
            Command::Untrack { channel } => {
                let said = self.say(send.untrack.as_ref(), slots(Some(channel)), wire);
                (About::Frame, said.ok_or(Code::Unsupported))
            }
            Command::Request { id, .. } => (About::Request(id), Err(Code::Unsupported)),
            Command::Refresh { token } => {
                let token = wire.host().quote(token);
                let slots = Slots { word: Some(&token), ..slots(None) };
                (About::Frame, self.say(send.refresh.as_ref(), slots, wire).ok_or(Code::Unsupported))
            }
        };
        if let Err(code) = said {
            wire.fact(Fact::Refused { about, code, retry: None, detail: None });
        }
    }

    fn closed(&mut self, code: Option<u16>) -> Verdict {
        match code {
            Some(code) if self.config.token_closes.contains(&code) => Verdict::NewToken(Code::RefusedTokenInvalid),
            Some(code) if self.config.final_closes.contains(&code) => Verdict::GiveUp(Code::RefusedForbidden),
            Some(1000 | 1001) => Verdict::Retry(Code::LostClosed),
            Some(1009) => Verdict::TooLarge,
            Some(1011..=1013) => Verdict::Retry(Code::LostServerBusy),
            Some(3000..=4999) => Verdict::Retry(Code::LostClosed),
            _ => Verdict::Retry(Code::LostNetwork),
        }
    }
}

fn slots<H: Host>(channel: Option<ChannelId>) -> Slots<'static, H> {
    Slots { number: 0, channel, word: None, payload: &Payload::Empty }
}

/// Bytes have no place in JSON, and only an object has members. Most was checked at the call, but for another server perhaps.
fn check<H: Host>(envelope: &Envelope, payload: &Payload<H>, host: &H) -> Result<(), Code> {
    let fits = match payload {
        Payload::Empty | Payload::Kept => true,
        Payload::Text(text) => !envelope.spreads() || host.is_object(text),
        Payload::Binary(_) => false,
    };
    if fits { Ok(()) } else { Err(Code::Unsupported) }
}

fn place(path: &[String]) -> Option<Key<'_>> {
    (!path.is_empty()).then_some(Key::Path(path))
}

/// What stands at a path.
fn at<H: Host>(host: &H, json: &H::Json, path: &[String]) -> Option<H::Json> {
    let (first, rest) = path.split_first()?;
    let mut found = host.get(json, first)?;
    for name in rest {
        found = host.get(&found, name)?;
    }
    Some(found)
}

/// A name: a string, or the digits of a whole number.
fn name<H: Host>(host: &H, json: &H::Json) -> Option<String> {
    host.string(json).or_else(|| host.number(json).and_then(Counter::new).map(|_| host.stringify(json)))
}

fn counter_at<H: Host>(host: &H, json: &H::Json, path: &[String]) -> Option<u64> {
    host.number(&at(host, json, path)?).and_then(Counter::new).map(Counter::get)
}

fn name_at<H: Host>(host: &H, json: &H::Json, path: &[String]) -> Option<String> {
    name(host, &at(host, json, path)?)
}

/// Adds a text as a JSON string.
fn push_quoted<H: Host>(host: &mut H, to: &mut String, text: &str) {
    let text = host.text(text);
    let quoted = host.quote(&text);
    to.push_str(&host.read(&quoted));
}
