//! The token: asked for on each attempt, renewed in time, replaced once when refused.

use crate::support::{World, config};
use serde_json::json;
use tautline::{Code, Config, PublicState, TokenWhy};

fn connected_for(millis: u64) -> World {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), Some("first"));
    world.opened();
    world.welcome(&json!({ "expires": millis }));
    world.take();
    world
}

/// Lets time pass with a server that answers each ping.
fn advance_alive(world: &mut World, seconds: u64) {
    for _ in 0..seconds {
        world.advance_s(1);
        world.receive(&json!({ "type": "pong" }));
    }
}

#[test]
fn each_attempt_asks_for_a_token() {
    let mut world = World::new(config());
    world.connect();
    for _ in 0..3 {
        assert_eq!(world.take().resolves(), [TokenWhy::Connect]);
        world.resolve(Some("ws://x/"), Some("t"));
        world.closed(None);
        world.await_attempt();
    }
}

#[test]
fn a_refused_token_asks_for_another_once_and_then_fails() {
    for code in ["auth-required", "token-invalid", "token-expired"] {
        let mut world = World::new(config());
        world.connect();
        world.resolve(Some("ws://x/"), Some("bad"));
        world.opened();
        world.take();
        world.refuse(&json!({ "code": code }));
        assert_eq!(world.take().resolves(), [TokenWhy::Refused], "at once");
        world.resolve(Some("ws://x/"), Some("bad"));
        world.opened();
        world.refuse(&json!({ "code": code }));
        assert_eq!(world.state(), PublicState::Failed);
        assert_eq!(world.client.cause().map(Code::name), Some(format!("refused/{code}").as_str()));
        assert_eq!(world.client.poll_timeout(), None);
    }
}

#[test]
fn a_refusal_followed_by_its_close_counts_once() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), Some("bad"));
    world.opened();
    let socket = world.socket;
    world.refuse(&json!({ "code": "token-invalid" }));
    world.take();
    world.socket_event(socket, tautline::SocketEvent::Closed { code: Some(4401) });
    assert_eq!(world.take().0, []);
    assert_eq!(world.state(), PublicState::Connecting);
}

#[test]
fn without_a_token_function_a_refused_token_fails_at_once() {
    let mut world = World::new(Config::default());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.refuse(&json!({ "code": "auth-required" }));
    assert_eq!(world.state(), PublicState::Failed);
}

#[test]
fn connect_after_a_failure_tries_everything_again() {
    let mut world = World::new(Config::default());
    world.connect();
    world.resolve(Some("ws://x/"), None);
    world.opened();
    world.refuse(&json!({ "code": "auth-required" }));
    world.connect();
    world.let_in();
    assert_eq!((world.state(), world.client.cause()), (PublicState::Connected, None));
}

#[test]
fn a_server_that_welcomes_and_then_expels_is_not_hammered() {
    let mut world = World::connected(config());
    let start = world.now();
    for _ in 0..8 {
        world.closed(Some(4401));
        assert_ne!(world.state(), PublicState::Failed, "the token got through each time");
        if world.client.poll_timeout().is_some_and(|(_, why)| why == tautline::Timer::Retry) {
            world.await_attempt();
        }
        world.let_in();
    }
    assert!(world.client.attempt(world.now()) >= 6, "waits grow: {}", world.client.attempt(world.now()));
    assert!(world.now() > start);
}

#[test]
fn a_token_is_renewed_on_the_living_connection_after_four_fifths_of_its_life() {
    let mut world = connected_for(100_000);
    advance_alive(&mut world, 79);
    assert_eq!(world.take().resolves(), []);
    advance_alive(&mut world, 1);
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh]);
    world.resolve(None, Some("second"));
    assert_eq!(world.sent(), [r#"{"type":"refresh","token":"second"}"#]);
    world.receive(&json!({ "type": "refreshed", "expires": 100_000 }));
    assert_eq!(world.events(), [json!({ "event": "token", "expires": 100_000 })]);
    advance_alive(&mut world, 80);
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh], "and again");
    assert_eq!(world.client.stats().connections, 1);
}

#[test]
fn a_renewal_whose_function_throws_is_tried_again_while_the_old_token_holds() {
    let mut world = connected_for(100_000);
    advance_alive(&mut world, 80);
    world.take();
    world.resolve_fails();
    assert_eq!(world.take().events(), [json!({ "event": "problem", "code": "lost/provider" })]);
    assert_eq!(world.state(), PublicState::Connected);
    advance_alive(&mut world, 5);
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh]);
}

#[test]
fn a_renewal_that_gives_nothing_is_tried_again() {
    let mut world = connected_for(100_000);
    advance_alive(&mut world, 80);
    world.resolve(None, None);
    world.take();
    advance_alive(&mut world, 5);
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh]);
}

#[test]
fn a_refused_renewal_comes_back_with_a_new_token() {
    let mut world = connected_for(100_000);
    world.refresh();
    world.resolve(None, Some("second"));
    world.take();
    world.refuse(&json!({ "code": "token-invalid" }));
    let log = world.take();
    assert_eq!((log.resolves(), log.closes()), (vec![TokenWhy::Refused], vec![(4000, false)]));
}

#[test]
fn an_answer_to_a_renewal_that_comes_after_the_line_was_lost_is_dropped() {
    let mut world = connected_for(100_000);
    world.refresh();
    let refresh = world.attempt;
    world.closed(None);
    world.await_attempt();
    world.take();
    world.resolve_attempt(refresh, Some("ws://old/"), Some("old"));
    assert_eq!(world.take().0, []);
    world.resolve(Some("ws://x/"), Some("new"));
    world.take();
    world.opened();
    assert!(world.sent()[0].contains(r#""token":"new""#));
}

#[test]
fn a_renewal_is_asked_for_once_at_a_time() {
    let mut world = connected_for(100_000);
    world.refresh();
    world.refresh();
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh]);
}

#[test]
fn a_token_that_is_always_almost_expired_does_not_ask_without_end() {
    let mut world = connected_for(1000);
    let mut asked = 0;
    for _ in 0..200 {
        let Some(due) = world.due_in().filter(|due| due.as_millis() < 1000) else { break };
        world.advance(due);
        if world.take().resolves() == [TokenWhy::Refresh] {
            asked += 1;
            world.resolve(None, Some("same"));
            world.receive(&json!({ "type": "refreshed", "expires": 0 }));
        }
    }
    assert!(asked <= 2, "{asked}");
}

#[test]
fn a_token_never_appears_in_an_event() {
    let mut world = World::new(config());
    world.connect();
    world.resolve(Some("ws://x/"), Some("secret"));
    world.opened();
    world.refuse(&json!({ "code": "token-invalid", "message": "no" }));
    assert!(!format!("{:?}", world.events()).contains("secret"));
}

#[test]
fn a_renewal_whose_function_never_answers_is_asked_for_again() {
    let mut world = connected_for(100_000);
    advance_alive(&mut world, 80);
    let first = world.attempt;
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh]);
    advance_alive(&mut world, 15);
    assert_eq!(world.take().resolves(), [TokenWhy::Refresh]);
    world.resolve_attempt(first, None, Some("late"));
    assert_eq!(world.sent(), [] as [String; 0], "the answer to the question that was given up");
    world.resolve(None, Some("second"));
    assert_eq!(world.sent().len(), 1);
}
