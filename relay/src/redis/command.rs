//! What the hub asks, as scripts; and what becomes of it while Redis is away.

use super::driver::{Asked, Driver, PAGE_BYTES, Settles, unavailable};
use super::link::{Link, OUTSTANDING};
use super::replica::{Join, Replica, Step};
use super::wire;
use crate::hub::{Command, Event, Frame, HubConfig, Outcome, Publication, SessionKey, Verdict};

/// Who publishes under an idempotency key: the same at every relay, as any of them may be asked again.
const ANYBODY: &str = "server";

impl Driver {
    /// Asks Redis what the hub asks.
    pub(super) fn command(&mut self, link: &mut Link, command: Command) {
        if link.running.len() >= OUTSTANDING {
            return self.refuse(command);
        }
        let span = self.config.session_retention_ms.to_string();
        match command {
            Command::Attach { connection, session } => {
                let arguments = [self.owner(connection), span, self.keys.relays()];
                let keys = self.keys.session(session);
                self.call(link, Asked::Attach { connection, session }, |it| &it.attach, &keys, arguments);
            }
            Command::Detach { connection, session } => {
                if self.sessions.get(&session) == Some(&connection) {
                    self.sessions.remove(&session);
                }
                let arguments = [self.owner(connection), span];
                let keys = self.keys.session(session);
                self.call(link, Asked::Nothing, |it| &it.detach, &keys, arguments);
            }
            Command::Settle { connection, session, id, verdict } => {
                let owner = self.owner(connection);
                match verdict {
                    Verdict::Publish(publication) => {
                        let (channel, time_ms) = (publication.channel.clone(), publication.time_ms);
                        let asked = Asked::Settle { connection, id, settles: Settles::Published { channel, time_ms } };
                        self.publish(link, asked, session, owner, id, &publication);
                    }
                    Verdict::Refuse(frame) => {
                        let said = match &frame {
                            Frame::Text(text) => text.to_string(),
                            Frame::Binary(_) => String::new(),
                        };
                        let arguments = [owner, id.to_string(), said, self.config.session_answers.to_string(), span];
                        let asked = Asked::Settle { connection, id, settles: Settles::Refused(frame) };
                        self.call(link, asked, |it| &it.refuse, &self.keys.session(session), arguments);
                    }
                }
            }
            Command::Publish { ticket, once: None, publication: Publication { channel, draft, .. } } => {
                let more = [wire::origin(&self.relay, self.last + 1).into(), wire::write_draft(&draft)];
                self.call_channel(link, Asked::Publish { ticket }, |it| &it.announce, &channel, &[], more);
            }
            Command::Publish { ticket, once: Some(key), publication } => {
                self.publish(link, Asked::Publish { ticket }, key, ANYBODY.to_owned(), 1, &publication);
            }
            Command::Subscribe { connection, channel, position, presence } => {
                let replica = self.replicas.entry(channel.clone()).or_insert_with(|| Replica::new(channel.clone()));
                let steps = replica.join(Join { connection, position, presence });
                self.take_steps(link, &channel, steps);
            }
            Command::Desert { channel } => self.step(link, &channel, Replica::desert),
            Command::Signal { channel, frame, except } => {
                let data = wire::write_signal(&self.relay, except, &frame);
                let mut publish = redis::cmd("PUBLISH");
                publish.arg(self.keys.live(&channel)).arg(data);
                self.send(link, Asked::Nothing, publish);
            }
            Command::Track { connection, channel, member, user, state } => {
                self.note(connection, &channel, &member, user.as_deref(), state.get());
                self.track(link, &channel, &member);
            }
            Command::Leave { connection, channel, member } => {
                self.forget_member(connection, &channel, &member);
                let more = [member.to_string(), self.owner(connection), String::new()].map(Vec::from);
                self.call_channel(link, Asked::Nothing, |it| &it.leave, &channel, &[], more);
            }
            Command::Fade { connection, channel, member } => {
                self.forget_member(connection, &channel, &member);
                let grace = self.config.presence_grace_ms.to_string();
                let more = [member.to_string(), self.owner(connection), grace].map(Vec::from);
                self.call_channel(link, Asked::Nothing, |it| &it.leave, &channel, &[], more);
            }
            Command::History { connection, channel, query } => {
                let before = query.before.map(|before| before.to_string()).unwrap_or_default();
                let more = [before, query.limit.to_string(), PAGE_BYTES.to_string()].map(Vec::from);
                self.call_channel(link, Asked::History { connection }, |it| &it.page, &channel, &[], more);
            }
            Command::Members { connection, channel } => {
                self.call_channel(link, Asked::Members { connection }, |it| &it.members, &channel, &[], []);
            }
        }
    }

    /// A publish that counts once.
    fn publish(
        &mut self,
        link: &mut Link,
        asked: Asked,
        session: SessionKey,
        owner: String,
        id: u64,
        Publication { channel, draft, time_ms }: &Publication,
    ) {
        let HubConfig { session_answers, session_retention_ms, .. } = self.config;
        let more = [
            owner.into(),
            id.to_string().into(),
            wire::origin(&self.relay, self.last + 1).into(),
            wire::write_draft(draft),
            time_ms.to_string().into(),
            channel.to_string().into(),
            session_answers.to_string().into(),
            session_retention_ms.to_string().into(),
        ];
        let keys = self.keys.session(session);
        self.call_channel(link, asked, |it| &it.publish, channel, &keys, more);
    }

    /// Redis is away, or too much is asked of it already.
    pub(super) fn refuse(&mut self, command: Command) {
        match command {
            Command::Attach { connection, session } => self.fail(Asked::Attach { connection, session }),
            Command::Settle { connection, id, .. } => {
                self.told.push_back(Event::Settled { connection, id, outcome: Outcome::Refused(unavailable()) });
            }
            Command::Publish { ticket, .. } => self.fail(Asked::Publish { ticket }),
            Command::Subscribe { connection, channel, .. } => {
                let result = Err(unavailable());
                self.told.push_back(Event::Subscribed { connection, channel, result });
            }
            Command::History { connection, .. } => self.fail(Asked::History { connection }),
            Command::Members { connection, .. } => self.fail(Asked::Members { connection }),
            Command::Detach { connection, session } => {
                if self.sessions.get(&session) == Some(&connection) {
                    self.sessions.remove(&session);
                }
            }
            // Made up for when Redis is there: by tracking again, or by not renewing.
            Command::Track { connection, channel, member, user, state } => {
                self.note(connection, &channel, &member, user.as_deref(), state.get());
            }
            Command::Leave { connection, channel, member } | Command::Fade { connection, channel, member } => {
                self.forget_member(connection, &channel, &member);
            }
            Command::Desert { channel } => {
                if let Some(replica) = self.replicas.get_mut(&channel) {
                    let steps = replica.desert();
                    if steps.iter().any(|step| matches!(step, Step::Forget)) {
                        self.replicas.remove(&channel);
                    }
                }
            }
            // It would be of no more use later.
            Command::Signal { .. } => {}
        }
    }
}
