//! `hello` and `refresh`: who is on this connection, and for how long.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Hub;
use super::answer::{Answer, Limits};
use super::auth::Identity;
use super::connection::{ConnectionId, Open, State};
use super::message::Subject;
use super::refusal::{Closing, Refusal, RefusalCode};
use super::session::{Session, SessionKey};
use super::stats::Limit;

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
        let key = SessionKey::new(session, identity.user.as_deref());
        let resumed = self.sessions.contains_key(&key);
        if !resumed && self.sessions.len() >= self.config.sessions {
            self.stats.count_limit(Limit::Sessions, 1);
            self.forget_oldest_session();
        }
        let it = self.sessions.entry(key).or_insert_with(|| Session::new(session, identity.user.as_deref()));
        self.idle_sessions.remove(&(it.closed_ms, key));
        let older = it.attach(connection);
        let (member, user) = (it.member.clone(), it.user.clone());
        if let Some(older) = older {
            self.end(now_ms, older, Closing::REPLACED);
        }
        tracing::debug!(
            tautline.connection.id = connection.0,
            tautline.member.id = &*member,
            tautline.resumed = resumed,
            "hello"
        );
        self.welcome(now_ms, connection, resumed, &identity, &member);
        if let Some(it) = self.connections.get_mut(&connection) {
            let Identity { grant, expires_ms, .. } = identity;
            let channels = BTreeSet::new();
            it.state = State::Open(Open { session: key, member, user, grant, expires_ms, channels, asked_ms: None });
        }
        self.set_timer(connection);
    }

    fn welcome(&mut self, now_ms: u64, connection: ConnectionId, resumed: bool, identity: &Identity, member: &str) {
        let name = self.random_name();
        let welcome = Answer::Welcome {
            connection: &name,
            member,
            user: identity.user.as_deref(),
            resumed,
            heartbeat: self.config.heartbeat_ms,
            timeout: self.config.heartbeat_timeout_ms,
            expires: identity.expires_ms.map(|expires_ms| expires_ms - now_ms),
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
