//! What one step of the connection leads to: orders to the driver, a new public state, messages back in the queue.

use super::Client;
use crate::channel::ChannelStep;
use crate::connection::{Begin, Close, Face, Step};
use crate::host::Host;
use crate::input::TokenWhy;
use crate::output::{Event, Output, Subprotocols};
use crate::protocol::Verdict;
use crate::time::Duration;
use core::ops::Range;

impl<H: Host> Client<H> {
    /// One step of the connection, and everything that follows from it.
    pub(super) fn step(&mut self, step: Step) {
        let was_ready = self.connection.ready().is_some();
        let was_closing = self.connection.is_closing();
        let Some(orders) = self.connection.on(self.now, step, &self.config, &mut self.rng) else { return };
        if let Some(Close { socket, code, listen }) = orders.close {
            // The application's farewell is for this socket, if there is one.
            let farewell = if H::BARE { self.farewell.take() } else { None };
            let (code, reason) = farewell.map_or((code, None), |(code, reason)| (code, Some(reason)));
            self.wire.outputs.push_back(Output::Close { socket, code, reason, listen });
        }
        match orders.begin {
            Some(Begin::Resolve { attempt, why }) => {
                let resumes = H::SESSIONS && why == TokenWhy::Connect && self.protocol.resumes();
                let why = if resumes { TokenWhy::Resume } else { why };
                self.wire.outputs.push_back(Output::Resolve { attempt, why });
            }
            Some(Begin::Open { socket }) => {
                let endpoint = if H::SESSIONS { self.protocol.endpoint() } else { None };
                let url = endpoint.map(|url| self.wire.host.text(&url)).or_else(|| self.url.clone());
                if let Some(url) = url {
                    let subprotocols = match &self.subprotocols {
                        Some(list) if H::BARE => Subprotocols::Given(list.clone()),
                        _ => Subprotocols::Own(self.protocol.subprotocol()),
                    };
                    self.wire.outputs.push_back(Output::Open { socket, url, subprotocols });
                }
            }
            None => {}
        }
        let face = self.connection.face();
        if was_ready && self.connection.ready().is_none() {
            self.lose_link(face);
        }
        if was_closing && !self.connection.is_closing() {
            self.emit(Event::Parted);
        }
        if face != self.face {
            self.face = face;
            let retry = face.until.map(|until| until.since(self.now));
            self.emit(Event::StateChanged { state: face.state, cause: face.cause, retry });
        }
        // After a graceful close the last answers may still come; then what is left goes back to the queue.
        self.wire.socket = self.connection.socket();
        if self.wire.socket.is_none() {
            let back = self.outbox.handle_lost();
            self.requeued(back);
        }
    }

    pub(super) fn end(&mut self, verdict: Verdict, wait: Option<Duration>) {
        self.step(Step::Ended { verdict, wait });
    }

    fn lose_link(&mut self, face: Face) {
        self.stats.handle_lost(self.now, face.cause);
        self.refreshing = None;
        self.buffered = 0;
        self.flush_at = None;
        for id in self.channels.ids() {
            self.channel_step(id, ChannelStep::LinkDown);
        }
        while let Some(id) = self.requests.take_sent() {
            self.request_failed(id, crate::request::LOST, None);
        }
    }

    /// Says who is back in the queue.
    #[inline(never)]
    pub(super) fn requeued(&mut self, back: Range<usize>) {
        for index in back {
            self.emit(Event::Requeued { id: self.outbox.id(index) });
        }
    }
}
