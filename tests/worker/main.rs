//! The driver in a dedicated worker, where there is neither a window nor a document.

#![cfg(target_arch = "wasm32")]

#[path = "../browser/relay.rs"]
mod relay;
#[path = "../browser/support.rs"]
mod support;

use support::{Client, NOBODY, STATE};
use tautline::Code;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

#[wasm_bindgen_test]
async fn a_refused_port_leads_to_reconnecting_with_its_cause() {
    let client = Client::new(Some(NOBODY));
    client.core.connect();
    let state = client.until_first(STATE, 3.0).await;
    assert_eq!(state.number("b"), f64::from(Code::LostNetwork as u8));
}
