//! What the tests in a page and those in a worker share: the core's JavaScript side, and the relay.

use js_sys::{Object, Promise, Reflect};
use tautline::bindings::{Core, CoreHost, CoreOptions};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// Where a relay is, as `ws://127.0.0.1:port/ws`. There is no environment in a browser, so it is compiled in: `cargo xtask
/// test` sets it. Without it (plain `wasm-pack test`) the tests of relay.rs say so and do nothing.
pub(crate) const RELAY: Option<&str> = option_env!("TAUTLINE_TEST_RELAY");

/// Where nobody listens. `cargo xtask test` names such a port; without it, one that browsers refuse to touch.
pub(crate) const NOBODY: &str = match option_env!("TAUTLINE_TEST_NOBODY") {
    Some(url) => url,
    None => "ws://127.0.0.1:1/ws",
};

/// Kinds of the core's events: the table in src/bindings/events.rs.
pub(crate) const MESSAGE: u8 = 0;
pub(crate) const STATE: u8 = 1;
pub(crate) const WELCOME: u8 = 2;
pub(crate) const SUBSCRIBED: u8 = 3;
pub(crate) const ACKED: u8 = 7;

#[wasm_bindgen(module = "/tests/browser/page.js")]
extern "C" {
    pub(crate) type Recorder;
    #[wasm_bindgen(constructor)]
    fn new(url: Option<&str>) -> Recorder;
    #[wasm_bindgen(method)]
    fn until(this: &Recorder, kind: u8, a: f64) -> Promise;
    #[wasm_bindgen(method)]
    pub(crate) fn fail(this: &Recorder, reason: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn settle(this: &Recorder, url: &str);
    #[wasm_bindgen(method)]
    pub(crate) fn each(this: &Recorder, callback: &JsValue);
    #[wasm_bindgen(method)]
    pub(crate) fn count(this: &Recorder, kind: u8) -> u32;

    fn options(changes: &Object) -> JsValue;
    #[wasm_bindgen(js_name = turn)]
    fn next_turn() -> Promise;
    pub(crate) fn say(event: &str);
    #[wasm_bindgen(js_name = sameBytes)]
    pub(crate) fn same_bytes(a: &JsValue, b: &JsValue) -> bool;

    #[wasm_bindgen(js_name = watchGlobals)]
    pub(crate) fn watch_globals() -> Globals;
    pub(crate) type Globals;
    #[wasm_bindgen(method)]
    pub(crate) fn sockets(this: &Globals) -> u32;
    #[wasm_bindgen(method)]
    pub(crate) fn timers(this: &Globals) -> u32;
    #[wasm_bindgen(method)]
    pub(crate) fn restore(this: &Globals);
}

/// One entry of the record.
pub(crate) struct Entry(JsValue);

impl Entry {
    pub(crate) fn number(&self, key: &str) -> f64 {
        self.get(key).as_f64().unwrap_or(f64::NAN)
    }

    pub(crate) fn get(&self, key: &str) -> JsValue {
        Reflect::get(&self.0, &key.into()).expect("an object")
    }
}

/// A core and the record of what it told. Dropping it destroys the core.
pub(crate) struct Client {
    pub(crate) core: Core,
    pub(crate) record: Recorder,
}

impl Client {
    /// A client for this URL; `None`: its `url()` answers when the test says so.
    pub(crate) fn new(url: Option<&str>) -> Self {
        Self::with(url, &[])
    }

    /// The same, with some options changed.
    pub(crate) fn with(url: Option<&str>, changes: &[(&str, JsValue)]) -> Self {
        let overrides = Object::new();
        for (key, value) in changes {
            Reflect::set(&overrides, &(*key).into(), value).expect("an object");
        }
        let record = Recorder::new(url);
        let host: CoreHost = JsValue::from(&record).unchecked_into();
        let core = Core::new(&options(&overrides).unchecked_into::<CoreOptions>(), host);
        Self { core, record }
    }

    /// Waits for an event of this kind.
    pub(crate) async fn until(&self, kind: u8) -> Entry {
        self.until_first(kind, f64::NAN).await
    }

    /// Waits for an event of this kind with this first number.
    pub(crate) async fn until_first(&self, kind: u8, a: f64) -> Entry {
        Entry(JsFuture::from(self.record.until(kind, a)).await.expect("what was waited for"))
    }

    /// How many messages are not settled.
    pub(crate) fn queue_size(&self) -> u32 {
        self.core.numbers().get(2).as_f64().expect("a number") as u32
    }

    /// Waits until the relay has subscribed the client to a new channel of its own.
    pub(crate) async fn join(&self) -> u32 {
        self.core.connect();
        let channel = self.core.channel(&format!("browser:{}", js_sys::Math::random()).into());
        self.core.subscribe(channel, false);
        self.until(SUBSCRIBED).await;
        channel
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.core.destroy();
    }
}

/// Until everything that is ready to run has run.
pub(crate) async fn turn() {
    JsFuture::from(next_turn()).await.expect("a turn");
}
