//! The driver in a real page. `wasm-pack test --headless --chrome` runs what needs no server; with `TAUTLINE_TEST_RELAY`
//! (see support.rs) the rest talks to a real relay.

#![cfg(target_arch = "wasm32")]

mod relay;
mod support;

use support::{Client, NOBODY, STATE, say, turn, watch_globals};
use tautline::Code;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const PROBLEM: u8 = 13;
const CONNECTING: f64 = 1.0;
const RECONNECTING: f64 = 3.0;
const CLOSED: f64 = 4.0;

#[wasm_bindgen_test]
async fn a_refused_port_leads_to_reconnecting_with_its_cause() {
    let client = Client::new(Some(NOBODY));
    client.core.connect();
    client.until_first(STATE, CONNECTING).await;
    let state = client.until_first(STATE, RECONNECTING).await;
    assert_eq!(state.number("b"), f64::from(Code::LostNetwork as u8));
}

#[wasm_bindgen_test]
async fn an_impossible_url_leads_to_reconnecting_and_not_to_an_exception() {
    let client = Client::new(Some("ws://["));
    client.core.connect();
    let state = client.until_first(STATE, RECONNECTING).await;
    assert_eq!(state.number("b"), f64::from(Code::LostNetwork as u8));
}

#[wasm_bindgen_test]
async fn what_a_url_function_throws_is_passed_on_as_it_is() {
    let client = Client::new(Some(NOBODY));
    let reason = js_sys::Error::new("no address today");
    client.record.fail(&reason);
    client.core.connect();
    let problem = client.until(PROBLEM).await;
    assert_eq!(problem.number("b"), f64::from(Code::LostProvider as u8));
    assert_eq!(problem.get("value"), JsValue::from(reason));
}

#[wasm_bindgen_test]
async fn a_url_function_that_never_answers_is_late() {
    let client = Client::with(None, &[("resolveTimeoutMs", 20.into())]);
    client.core.connect();
    let state = client.until_first(STATE, RECONNECTING).await;
    assert_eq!(state.number("b"), f64::from(Code::LateResolve as u8));
}

#[wasm_bindgen_test]
async fn destroy_while_the_url_is_awaited_leaves_nothing_running() {
    let globals = watch_globals();
    let client = Client::new(None);
    client.core.connect();
    turn().await;
    client.core.destroy();
    client.record.settle(NOBODY);
    turn().await;
    assert_eq!((globals.sockets(), globals.timers()), (0, 0));
    client.until_first(STATE, CLOSED).await;
    globals.restore();
}

#[wasm_bindgen_test]
async fn destroy_while_a_socket_opens_leaves_nothing_running() {
    let globals = watch_globals();
    let client = Client::new(Some(NOBODY));
    client.core.connect();
    turn().await;
    assert_eq!(globals.sockets(), 1);
    client.core.destroy();
    let told = client.record.count(STATE);
    assert_eq!(globals.timers(), 0);
    turn().await;
    say("online");
    turn().await;
    assert_eq!((globals.sockets(), globals.timers(), client.record.count(STATE)), (1, 0, told));
    globals.restore();
}

#[wasm_bindgen_test]
async fn a_client_that_was_never_connected_does_nothing() {
    let globals = watch_globals();
    let client = Client::new(Some(NOBODY));
    let channel = client.core.channel(&"room".into());
    client.core.subscribe(channel, true);
    let id = client.core.publish(channel, "\"message\"".into(), "1".into(), 1.0, 0.0, false);
    say("online");
    turn().await;
    assert!(id > 0.0);
    assert_eq!((globals.sockets(), globals.timers()), (0, 0));
    assert_eq!(client.queue_size(), 1);
    globals.restore();
}

#[wasm_bindgen_test]
async fn a_network_that_is_back_ends_the_wait() {
    let hours = 3_600_000;
    let backoff = js_sys::JSON::parse(&format!(
        r#"{{"minMs":{hours},"maxMs":{hours},"factor":2,"stableMs":0,"fastAttempts":15,"slowMs":{hours}}}"#
    ));
    let globals = watch_globals();
    let client = Client::with(Some(NOBODY), &[("backoff", backoff.expect("JSON"))]);
    client.core.connect();
    client.until_first(STATE, RECONNECTING).await;
    let before = globals.sockets();
    say("online");
    while globals.sockets() == before {
        turn().await;
    }
    globals.restore();
}

#[wasm_bindgen_test]
async fn a_listener_that_throws_or_calls_back_leaves_the_core_usable() {
    let client = Client::new(Some(NOBODY));
    let thrower = js_sys::Function::new_no_args("throw new Error('on purpose')");
    // What a page would see as an uncaught error; here it must not end the test.
    let quiet = js_sys::Function::new_no_args(
        "const real = globalThis.reportError; globalThis.reportError = () => {}; return () => { globalThis.reportError = real }",
    );
    let restore: js_sys::Function = quiet.call0(&JsValue::NULL).expect("a function").unchecked_into();
    client.record.each(&thrower);
    client.core.connect();
    client.until_first(STATE, RECONNECTING).await;
    client.record.each(&JsValue::UNDEFINED);
    restore.call0(&JsValue::NULL).expect("restored");
    assert_eq!(client.queue_size(), 0);
}

#[wasm_bindgen_test]
async fn snapshots_have_names_and_settled_waits_for_the_last_message() {
    let client = Client::new(None);
    let get = |object: &JsValue, key: &str| js_sys::Reflect::get(object, &key.into()).expect("an object");
    let channel = client.core.channel(&"room".into());
    let id = client.core.publish(channel, "\"message\"".into(), "1".into(), 1.0, 0.0, false);
    assert_eq!(get(&client.core.info(), "queueSize"), 1);
    let settled = client.core.settled();
    turn().await;
    assert!(client.core.cancel(id));
    wasm_bindgen_futures::JsFuture::from(settled).await.expect("settled");
    assert_eq!(get(&client.core.info(), "queueSize"), 0);
    assert_eq!(get(&client.core.stats(), "failed"), 1);
}
