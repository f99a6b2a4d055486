//! No protocol at all: every frame is the application's own, out and in, text and bytes.
//!
//! A server without a protocol acknowledges nothing, welcomes nobody and has no channels. It is alive as long as it is not proved
//! dead, and only a heartbeat that the application has agreed on with its server can prove that.

use super::{About, Command, Fact, HeartbeatPlan, Hello, Protocol, Ready, Verdict, Wire};
use crate::error::Code;
use crate::host::{Binary, Header, Host, Payload, Shape, Textual};
use crate::time::Duration;

/// What the application has agreed on with its server. The default is nothing: then a dead line shows only when the browser says so.
pub struct Raw<H: Host> {
    /// What to send as a heartbeat.
    pub ping: Payload<H>,
    /// What answers it: such frames are no messages. `None`: any frame does, and all are messages.
    pub pong: Option<H::Text>,
    /// How often we beat, and how long the answer may take. Without a [`ping`](Self::ping) of no use.
    pub beat: Option<(Duration, Duration)>,
    /// Longer silence of the server is death.
    pub silence: Option<Duration>,
}

impl<H: Host> Default for Raw<H> {
    fn default() -> Self {
        Self { ping: Payload::Empty, pong: None, beat: None, silence: None }
    }
}

impl<H: Host> Protocol<H> for Raw<H> {
    fn shape(&self) -> Shape<'_> {
        Shape {
            text: Textual::Bare,
            binary: Binary::Bare,
            kind: None,
            event: None,
            channel: None,
            numbers: &[],
            payload: None,
            words: [].as_slice().into(),
        }
    }

    fn needs_channel(&self) -> bool {
        false
    }

    fn acks(&self) -> bool {
        false
    }

    fn opened(&mut self, _: &Hello<'_, H>, wire: &mut Wire<H>) {
        let beat = self.beat.filter(|_| !matches!(self.ping, Payload::Empty));
        wire.fact(Fact::Ready(Ready {
            frame: None,
            resumed: false,
            heartbeat: Some(HeartbeatPlan { beat, silence: self.silence, strict: false }),
            expires: None,
            frame_limit: None,
            rate: None,
            reserve: 0,
        }));
    }

    fn frame(&mut self, _: &Header, body: &H::Json, wire: &mut Wire<H>) {
        let answer = self.pong.as_ref().is_some_and(|pong| wire.host().is_text(body, pong));
        wire.fact(if answer { Fact::HeartbeatAnswered } else { Fact::Signal { channel: None, frame: body.clone() } });
    }

    fn heartbeat(&mut self, wire: &mut Wire<H>) {
        wire.send_bare(&self.ping);
    }

    fn command(&mut self, command: &Command<'_, H>, wire: &mut Wire<H>) {
        let about = match *command {
            Command::Publish { payload, .. } => return wire.send_bare(payload),
            Command::Request { id, .. } => About::Request(id),
            Command::Subscribe { channel, .. } => About::Channel(channel),
            Command::Unsubscribe { .. }
            | Command::Signal { .. }
            | Command::Typing { .. }
            | Command::Track { .. }
            | Command::Untrack { .. }
            | Command::Refresh { .. } => return,
        };
        wire.fact(Fact::Refused { about, code: Code::Unsupported, retry: None, detail: None });
    }

    fn closed(&mut self, code: Option<u16>) -> Verdict {
        Verdict::Retry(match code {
            Some(1011..=1013) => Code::LostServerBusy,
            Some(_) => Code::LostClosed,
            None => Code::LostNetwork,
        })
    }
}
