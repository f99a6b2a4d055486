//! When the client comes back, and what shortens or lengthens its wait.

use crate::support::{World, config};
use serde_json::json;
use tautline::Duration;
use tautline::{BackoffConfig, Config, NetworkEvent, PageEvent, PublicState, SocketEvent};

fn wait(world: &World) -> Duration {
    world.client.retry_in(world.now()).expect("a wait")
}

/// One attempt whose socket closes before it opens.
fn fail_once(world: &mut World) {
    world.resolve(Some("ws://x/"), None);
    world.closed(None);
}

#[test]
fn waits_grow_under_their_ceilings_and_then_become_slow_but_never_end() {
    let mut world = World::new(config());
    world.connect();
    for attempt in 0..40u32 {
        fail_once(&mut world);
        let ceiling = Duration::from_millis(500 * 2u64.pow(attempt.min(10))).min(Duration::from_secs(20));
        if attempt < 15 {
            assert!(wait(&world) <= ceiling, "attempt {attempt}");
        } else {
            assert!((60..=75).contains(&wait(&world).as_secs()), "attempt {attempt}");
        }
        assert_eq!(world.state(), PublicState::Reconnecting);
        world.await_attempt();
    }
}

#[test]
fn a_server_that_accepts_and_drops_at_once_does_not_reset_the_backoff() {
    let mut world = World::connected(config());
    for _ in 0..5 {
        world.advance_s(4);
        world.reconnect();
    }
    assert_eq!(world.client.attempt(world.now()), 5);
}

#[test]
fn a_stable_connection_resets_the_backoff() {
    let mut world = World::connected(config());
    for _ in 0..5 {
        world.reconnect();
    }
    world.advance_s(5);
    world.closed(None);
    assert_eq!(world.client.attempt(world.now()), 1);
    assert!(wait(&world) <= Duration::from_millis(500));
}

#[test]
fn a_server_that_asks_to_reconnect_is_left_and_found_again_within_its_window() {
    for seed in 0..20 {
        let mut world = World::seeded(
            config(),
            Box::<tautline::protocol::tautline::Tautline>::default(),
            "s-0123456789abcdef",
            seed,
        );
        world.connect();
        world.let_in();
        world.take();
        world.receive(&json!({ "type": "reconnect", "after": 3000, "jitter": 2000 }));
        let log = world.take();
        assert_eq!(log.closes(), [(4000, false)]);
        assert_eq!(log.events_of("state")[0]["cause"], "lost/reconnect-asked");
        assert!((3000..=5000).contains(&wait(&world).as_millis()));
        world.network(NetworkEvent::Online);
        world.page(PageEvent::Visible);
        assert_eq!(world.take().0, [], "hints do not shorten a time the server named");
    }
}

#[test]
fn an_application_may_shorten_a_wait_the_server_named() {
    let mut world = World::connected(config());
    world.receive(&json!({ "type": "reconnect", "after": 3000, "jitter": 0 }));
    world.take();
    world.retry();
    assert_eq!(world.take().resolves().len(), 1);
}

#[test]
fn the_time_a_server_named_holds_over_a_page_that_left_and_returned() {
    let mut world = World::connected(config());
    world.receive(&json!({ "type": "reconnect", "after": 60000, "jitter": 0 }));
    world.take();
    world.page(PageEvent::Left);
    world.advance_s(1);
    world.page(PageEvent::Returned);
    assert_eq!(world.take().resolves(), []);
    world.advance_s(59);
    assert_eq!(world.take().resolves().len(), 1);
}

#[test]
fn the_network_and_the_page_coming_back_end_a_wait() {
    for wake in [
        |world: &mut World| world.network(NetworkEvent::Online),
        |world: &mut World| world.page(PageEvent::Visible),
        |world: &mut World| world.page(PageEvent::Returned),
    ] {
        let mut world = World::new(config());
        world.connect();
        fail_once(&mut world);
        world.take();
        wake(&mut world);
        assert_eq!(world.take().resolves().len(), 1);
    }
}

#[test]
fn offline_lengthens_a_wait_but_is_no_prison() {
    let mut world = World::connected(config());
    world.network(NetworkEvent::Offline);
    world.closed(None);
    assert!((60..=75).contains(&wait(&world).as_secs()));
    world.take();
    world.advance_s(75);
    assert_eq!(world.take().resolves().len(), 1, "the browser may be wrong");
    world.let_in();
    assert_eq!(world.state(), PublicState::Connected);
}

#[test]
fn a_page_that_left_closes_its_socket_and_waits_until_it_is_back() {
    let mut world = World::connected(config());
    world.page(PageEvent::Left);
    let log = world.take();
    assert_eq!(log.closes(), [(4000, false)]);
    assert_eq!(
        log.events_of("state")[0],
        json!({ "event": "state", "state": "reconnecting",
        "cause": "lost/page-hidden", "retry": null })
    );
    assert_eq!(world.client.poll_timeout(), None, "a frozen page has no timers");
    world.sleep(Duration::from_secs(3600));
    world.page(PageEvent::Returned);
    assert_eq!(world.take().resolves().len(), 1);
}

#[test]
fn a_page_that_leaves_in_any_state_comes_back_in_order() {
    type Steps = fn(&mut World);
    let states: [Steps; 4] = [
        |_| {},
        |world| world.resolve(Some("ws://x/"), None),
        |world| {
            world.resolve(Some("ws://x/"), None);
            world.opened();
        },
        |world| fail_once(world),
    ];
    for steps in states {
        let mut world = World::new(config());
        world.connect();
        steps(&mut world);
        world.page(PageEvent::Left);
        world.page(PageEvent::Left);
        world.take();
        world.page(PageEvent::Returned);
        world.page(PageEvent::Returned);
        assert_eq!(world.take().resolves().len(), 1);
        world.let_in();
        assert_eq!(world.state(), PublicState::Connected);
    }
}

#[test]
fn hints_before_connect_start_nothing() {
    let mut world = World::new(config());
    world.network(NetworkEvent::Online);
    world.page(PageEvent::Left);
    world.page(PageEvent::Returned);
    world.retry();
    assert_eq!(world.take().0, []);
    assert_eq!(world.state(), PublicState::Idle);
}

#[test]
fn the_next_attempt_is_told_in_the_state_event() {
    let mut world = World::connected(config());
    world.closed(None);
    let state = world.take().events_of("state")[0].clone();
    assert_eq!(state["retry"].as_u64(), Some(wait(&world).as_millis()));
}

#[test]
fn a_wait_without_jitter_would_bring_all_clients_back_in_step() {
    let waits: std::collections::BTreeSet<_> = (0..50)
        .map(|seed| {
            let protocol = Box::<tautline::protocol::tautline::Tautline>::default();
            let mut world = World::seeded(config(), protocol, "s-0123456789abcdef", seed);
            world.connect();
            fail_once(&mut world);
            wait(&world)
        })
        .collect();
    assert!(waits.len() > 45);
}

#[test]
fn a_factor_of_one_keeps_the_curve_flat() {
    let backoff = BackoffConfig { factor: 1.0, ..BackoffConfig::default() };
    let mut world = World::new(Config { backoff, ..config() });
    world.connect();
    for _ in 0..10 {
        fail_once(&mut world);
        assert!(wait(&world) <= Duration::from_millis(500));
        world.await_attempt();
    }
}

#[test]
fn a_socket_that_closes_twice_counts_once() {
    let mut world = World::connected(config());
    world.closed(None);
    let old = world.socket;
    world.take();
    world.socket_event(old, SocketEvent::Closed { code: None });
    assert_eq!(world.take().0, []);
    assert_eq!(world.client.attempt(world.now()), 1);
}
