//! What Redis answers and fans out, as events for the hub.

use redis::{FromRedisValue, PushInfo, PushKind, RedisResult, Value};

use super::driver::{Asked, Driver, unavailable};
use super::link::{Link, is_fatal};
use super::replica::Replica;
use super::reply;
use super::wire::{self, Push};
use crate::hub::{ConnectionId, Event, Limit, Outcome, Position, Refusal};

impl Driver {
    /// An answer came. False if the connection is of no more use.
    pub(super) fn answered(&mut self, link: &mut Link, number: u64, result: RedisResult<Value>) -> bool {
        // Answered already by what was fanned out.
        let Some(asked) = self.asked.remove(&number) else { return true };
        if matches!(asked, Asked::Join { .. } | Asked::CatchUp { .. }) {
            self.reading -= 1;
            self.read(link);
        }
        let value = match result {
            Ok(value) => value,
            Err(error) => {
                self.status.count_error();
                tracing::warn!(error.r#type = error.code(), "Redis refused a command: {error}");
                let fatal = is_fatal(&error) || matches!(asked, Asked::Subscribe { .. } | Asked::Unsubscribe { .. });
                self.failed(link, asked);
                return !fatal;
            }
        };
        if let Err(asked) = self.understood(link, asked, &value) {
            self.status.count_error();
            tracing::warn!("Redis answered what was not expected: is another version of the relay at work?");
            self.failed(link, asked);
        }
        true
    }

    /// A command failed, and the connection may be good.
    fn failed(&mut self, link: &mut Link, asked: Asked) {
        match asked {
            Asked::Join { channel, join } => self.step(link, &channel, |replica| replica.asked(join, None)),
            Asked::CatchUp { channel } => self.step(link, &channel, |replica| replica.caught_up(None)),
            asked => self.fail(asked),
        }
    }

    fn understood(&mut self, link: &mut Link, asked: Asked, value: &Value) -> Result<(), Asked> {
        match asked {
            Asked::Attach { connection, session } => {
                let Some(attached) = reply::attached(value) else { return Err(asked) };
                self.sessions.insert(session, connection);
                self.told.push_back(Event::Attached { connection, session, result: Ok(attached) });
            }
            Asked::Settle { connection, id, settles } => {
                let outcome = reply::outcome(value, |position| settles.settlement(position));
                let outcome = outcome.unwrap_or_else(|| Outcome::Refused(unavailable()));
                self.told.push_back(Event::Settled { connection, id, outcome });
            }
            Asked::Publish { ticket } => {
                let Some(position) = reply::published(value) else { return Err(asked) };
                self.told.push_back(Event::Published { ticket, result: Ok(position) });
            }
            Asked::Join { channel, join } => {
                let standing = reply::standing(value, join.presence);
                self.step(link, &channel, |replica| replica.asked(join, standing));
            }
            Asked::CatchUp { channel } => {
                let standing = reply::standing(value, true);
                self.step(link, &channel, |replica| replica.caught_up(standing));
                self.tend(link, &channel);
            }
            Asked::Subscribe { channel } => self.step(link, &channel, Replica::subscribed),
            Asked::Unsubscribe { channel } => self.step(link, &channel, Replica::unsubscribed),
            Asked::History { connection } => {
                let Some(page) = reply::page(value) else { return Err(asked) };
                self.told.push_back(Event::History { connection, result: Ok(page) });
            }
            Asked::Members { connection } => {
                let Some(members) = reply::members(value) else { return Err(asked) };
                self.told.push_back(Event::Members { connection, result: Ok(members) });
            }
            Asked::Track { connection, ref channel, ref member } => match reply::present(value) {
                Some(true) => {}
                Some(false) => {
                    self.forget_member(connection, channel, member);
                    let refusal = Refusal::no_room_for_member(self.config.presence_members);
                    self.told.push_back(Event::LimitMet { limit: Limit::PresenceMembers, times: 1 });
                    self.told.push_back(Event::TrackRefused { connection, channel: channel.clone(), refusal });
                }
                None => return Err(asked),
            },
            Asked::Tend { ref channel } => {
                let Some((position, changes, missing)) = reply::tended(value) else { return Err(asked) };
                let channel = channel.clone();
                self.step(link, &channel, |replica| replica.looked(&position, changes));
                for member in missing {
                    self.track(link, &channel, &member);
                }
            }
            Asked::Claim => {
                let Some(lost) = reply::texts(value) else { return Err(asked) };
                let lost = lost.iter().filter_map(|owner| owner.rsplit_once('/')?.1.parse().ok());
                self.told.extend(lost.map(|number| Event::Replaced { connection: ConnectionId(number) }));
            }
            Asked::Nothing => {}
        }
        Ok(())
    }

    /// Something was fanned out. False if that was the end of the connection.
    pub(super) fn pushed(&mut self, link: &mut Link, push: PushInfo) -> bool {
        let PushInfo { kind, data } = push;
        match kind {
            PushKind::Disconnection => return false,
            PushKind::Message => {}
            _ => return true,
        }
        let [name, data] = &data[..] else { return true };
        let (Ok(name), Value::BulkString(data)) = (String::from_redis_value_ref(name), data) else { return true };
        let Some(channel) = self.lives.get(&name).cloned() else {
            if name.starts_with(&self.keys.relays())
                && let Some(connection) = wire::read_replaced(data)
            {
                self.told.push_back(Event::Replaced { connection });
            }
            return true;
        };
        match wire::read_push(data) {
            Some(Push::Message { position, origin, frame }) => {
                if let Some((relay, number)) = origin
                    && relay == self.relay
                {
                    self.publish_seen(number, &position);
                }
                self.step(link, &channel, |replica| replica.message(position, frame));
            }
            Some(Push::Presence { at, frame }) => self.step(link, &channel, |replica| replica.presence(at, frame)),
            Some(Push::Signal { except, frame }) => {
                let except = except.filter(|(relay, _)| *relay == self.relay).map(|(_, connection)| connection);
                self.told.push_back(Event::Signal { channel, frame, except });
            }
            None => tracing::warn!("not understood: is another version of the relay at work?"),
        }
        true
    }

    /// A publish of this relay was fanned out, so Redis has it: its answer comes before the message.
    fn publish_seen(&mut self, number: u64, position: &Position) {
        match self.asked.remove(&number) {
            Some(Asked::Settle { connection, id, settles }) => {
                let settlement = settles.settlement(Some(position.clone()));
                let outcome = settlement.map_or_else(|| Outcome::Refused(unavailable()), Outcome::Fresh);
                self.told.push_back(Event::Settled { connection, id, outcome });
            }
            Some(Asked::Publish { ticket }) => {
                self.told.push_back(Event::Published { ticket, result: Ok(position.clone()) });
            }
            Some(other) => {
                self.asked.insert(number, other);
            }
            None => {}
        }
    }
}
