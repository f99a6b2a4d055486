//! `hello` and `refresh`: who is on this connection, and for how long.

use std::sync::Arc;

use super::answer::{Answer, Limits};
use super::broker::{Attached, Command};
use super::connection::{ConnectionId, Open, Pending, State};
use super::message::Subject;
use super::refusal::{Closing, Refusal, RefusalCode};
use super::session::SessionKey;
use super::{Hub, random_name};

impl Hub {
    pub(super) fn hello(&mut self, now_ms: u64, connection: ConnectionId, session: &str, token: Option<&str>) {
        let identity = match self.authenticator.identify(now_ms, token) {
            Ok(identity) => identity,
            Err(refusal) => {
                self.refuse(now_ms, connection, &refusal, &Subject::None);
                self.end(now_ms, connection, Closing::NOT_AUTHENTICATED);
                return;
            }
        };
        let open = Open::new(session, identity);
        let session = open.session;
        if let Some(it) = self.connections.get_mut(&connection) {
            it.pending = Some(Pending::Hello(Box::new(open)));
        }
        self.ask(now_ms, Command::Attach { connection, session });
    }

    /// The broker's answer to an attach.
    pub(super) fn attached(
        &mut self,
        now_ms: u64,
        connection: ConnectionId,
        session: SessionKey,
        result: Result<Attached, Refusal>,
    ) {
        let Some(Pending::Hello(mut open)) = self.take_pending(connection) else {
            // Closed in the meantime: nobody else would let the session go.
            return self.ask(now_ms, Command::Detach { connection, session });
        };
        let Attached { resumed, settled } = match result {
            Ok(attached) => attached,
            Err(refusal) => {
                tracing::debug!(tautline.connection.id = connection.0, "no hello: {refusal}");
                return self.end(now_ms, connection, Closing::UNAVAILABLE);
            }
        };
        tracing::debug!(
            tautline.connection.id = connection.0,
            tautline.member.id = &*open.member,
            tautline.resumed = resumed,
            "hello"
        );
        open.settled = settled;
        self.welcome(now_ms, connection, resumed, &open);
        if let Some(it) = self.connections.get_mut(&connection) {
            it.state = State::Open(open);
        }
        self.set_timer(connection);
    }

    fn welcome(&mut self, now_ms: u64, connection: ConnectionId, resumed: bool, open: &Open) {
        let name = random_name(&mut self.rng);
        let welcome = Answer::Welcome {
            connection: &name,
            member: &open.member,
            user: open.user.as_deref(),
            resumed,
            heartbeat: self.config.heartbeat_ms,
            timeout: self.config.heartbeat_timeout_ms,
            expires: open.expires_ms.map(|expires_ms| expires_ms.saturating_sub(now_ms)),
            limits: Limits { frame: self.config.frame_limit, rate: self.config.rate, per: self.config.rate_per_ms },
        };
        let frame = welcome.frame();
        self.send(connection, frame);
    }

    pub(super) fn refresh(&mut self, now_ms: u64, connection: ConnectionId, token: &str) {
        let Some(open) = self.open(connection) else { return };
        let user = open.user.clone();
        let identity = match self.authenticator.identify(now_ms, Some(token)) {
            Ok(identity) if identity.user == user => identity,
            Ok(_) => {
                let refusal = Refusal::new(RefusalCode::TokenInvalid, "sub: expected the same user as before");
                return self.refuse_refresh(now_ms, connection, &refusal);
            }
            Err(refusal) => return self.refuse_refresh(now_ms, connection, &refusal),
        };
        let expires = identity.expires_ms.map(|expires_ms| expires_ms - now_ms);
        self.send(connection, Answer::Refreshed { expires }.frame());
        if let Some(open) = self.open_mut(connection) {
            open.renew(identity);
        }
        self.drop_forbidden(now_ms, connection);
        self.set_timer(connection);
    }

    fn refuse_refresh(&mut self, now_ms: u64, connection: ConnectionId, refusal: &Refusal) {
        self.refuse(now_ms, connection, refusal, &Subject::None);
        self.end(now_ms, connection, Closing::NOT_AUTHENTICATED);
    }

    /// A new token may give less: subscriptions it does not give end, each with a refusal.
    fn drop_forbidden(&mut self, now_ms: u64, connection: ConnectionId) {
        let Some(open) = self.open(connection) else { return };
        let lost: Vec<Arc<str>> = open.channels.iter().filter(|name| !open.grant.allows(name)).cloned().collect();
        for channel in lost {
            self.unsubscribe(now_ms, connection, &channel);
            let subject = Subject::Channel(channel.to_string());
            self.refuse(now_ms, connection, &Refusal::forbidden(&channel), &subject);
        }
    }
}
