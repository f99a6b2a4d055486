//! Decides what goes out now: questions first, then messages in order, as far as the limits allow.

use super::Client;
use crate::error::Code;
use crate::host::Host;
use crate::outbox::{Ended, Entry};
use crate::output::{Detail, Event};
use crate::protocol::Command;
use crate::request::Request;
use crate::time::Duration;

/// How soon to look again whether the socket's buffer has drained.
const BUFFER_CHECK: Duration = Duration::from_millis(50);

impl<H: Host> Client<H> {
    pub(super) fn frame_limit(&self) -> Option<u64> {
        self.connection.ready().and_then(|ready| ready.session.frame_limit)
    }

    /// The limit that a payload of this size is over.
    pub(super) fn limit_below(&self, size: usize) -> Option<u64> {
        self.frame_limit().filter(|limit| size as u64 + self.protocol.envelope() > *limit)
    }

    /// Ends what has outlived its time, and sends what may be sent now.
    pub(super) fn flush(&mut self) {
        self.flush_at = None;
        self.expire();
        while self.connection.ready().is_some() {
            let (question, id, channel, event, payload, size) =
                if let Some(Request { id, channel, event, payload, size, .. }) = self.requests.next_unsent() {
                    (true, *id, *channel, event, payload, *size)
                } else if let Some(Entry { id, channel, event, payload, size, .. }) = self.outbox.next_unsent() {
                    (false, *id, *channel, event, payload, *size)
                } else {
                    return;
                };
            if let Some(limit) = self.limit_below(size) {
                if question {
                    self.requests.settle(id);
                    self.request_failed(id, Code::DroppedTooLarge, None);
                } else if let Some(ended) = self.outbox.reject_next() {
                    self.too_large(ended, Code::DroppedTooLarge, Some(limit));
                }
                continue;
            }
            if self.waits_for_buffer() {
                self.flush_at = Some(self.now + BUFFER_CHECK);
                return;
            }
            if let Err(later) = self.limiter.take(self.now) {
                self.flush_at = Some(later);
                return;
            }
            self.buffered += size;
            let command = if question {
                Command::Request { id, channel, event, payload }
            } else {
                Command::Publish { id, channel, event, payload }
            };
            self.protocol.command(&command, &mut self.wire);
            if question {
                self.requests.mark_sent(id);
            } else {
                self.outbox.mark_sent(self.now);
                self.stats.sent += 1;
                self.stats.bytes_sent += size as u64;
                let settled = !self.acks();
                if settled {
                    // What the protocol could not say was refused, and has its outcome.
                    self.handle_facts();
                }
                if !settled || self.outbox.settle(self.now, id).is_some() {
                    self.emit(Event::Sent { id, settled });
                }
            }
            self.handle_facts();
        }
    }

    fn expire(&mut self) {
        while let Some(ended) = self.outbox.take_expired(self.now) {
            self.send_failed(ended, Code::DroppedExpired, None);
        }
        while let Some(id) = self.requests.take_late(self.now) {
            self.request_failed(id, Code::LateReply, None);
        }
        self.outbox.release(self.now);
        self.requests.release(self.now);
    }

    pub(super) fn send_failed(&mut self, ended: Ended, code: Code, said: Option<H::Json>) {
        self.failed(&ended, code, said.map_or(Detail::None, Detail::Said));
    }

    pub(super) fn too_large(&mut self, ended: Ended, code: Code, limit: Option<u64>) {
        let size = ended.size as u64;
        self.failed(&ended, code, limit.map_or(Detail::None, |limit| Detail::Sizes { limit, size }));
    }

    #[inline(always)]
    fn failed(&mut self, ended: &Ended, code: Code, detail: Detail<H>) {
        self.stats.failed += 1;
        self.emit(Event::SendFailed { id: ended.id, code, attempted: ended.attempted, detail });
    }

    pub(super) fn request_failed(&mut self, id: u64, code: Code, detail: Option<H::Json>) {
        self.emit(Event::RequestFailed { id, code, detail });
    }
}
