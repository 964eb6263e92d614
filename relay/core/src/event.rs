//! The JSON elements of the event lists, field by field as billing systems expect them.

use serde::Serialize;
use sluice_units::Name;
use sluice_wire::share_feed::{BlockRecord, Event};

#[derive(Serialize)]
struct NewEvent<'a> {
    user: &'a str,
    worker: &'a str,
    coin: &'a str,
    peer: &'a str,
    event: &'a str,
}

#[derive(Serialize)]
struct NewWorker<'a> {
    user: &'a str,
    worker: &'a str,
    coin: &'a str,
}

#[derive(Serialize)]
struct NewBlock<'a> {
    name: &'a str,
    hash: &'a str,
    user: &'a str,
    worker: &'a str,
}

/// The element of `newevent`.
pub(crate) fn new_event(coin: &Name, event: &Event) -> String {
    to_json(&NewEvent {
        user: event.identity.user(),
        worker: event.identity.worker(),
        coin: coin.as_str(),
        peer: &event.peer,
        event: if event.connected { "connected" } else { "disconnected" },
    })
}

/// The element of `newworker`.
pub(crate) fn new_worker(coin: &Name, event: &Event) -> String {
    to_json(&NewWorker {
        user: event.identity.user(),
        worker: event.identity.worker(),
        coin: coin.as_str(),
    })
}

/// The element of `newblock`.
pub(crate) fn new_block(coin: &Name, block: &BlockRecord) -> String {
    to_json(&NewBlock {
        name: &ticker(coin),
        hash: &block.hash.to_string(),
        user: block.finder.user(),
        worker: block.finder.worker(),
    })
}

/// Blocks name the coin in capitals; keys and the other events have it as it is configured.
fn ticker(coin: &Name) -> String {
    coin.as_str().to_ascii_uppercase()
}

fn to_json(element: &impl Serialize) -> String {
    serde_json::to_string(element).expect("a struct of texts is always JSON")
}

#[cfg(test)]
mod tests {
    use sluice_units::{Hash256, Minute};

    use super::*;

    #[test]
    fn elements_are_those_of_the_format() {
        let coin = "btc".parse().unwrap();
        let event = Event {
            identity: "alice.rig1".parse().unwrap(),
            peer: "127.0.0.1".into(),
            connected: true,
        };
        assert_eq!(
            new_event(&coin, &event),
            r#"{"user":"alice","worker":"rig1","coin":"btc","peer":"127.0.0.1","event":"connected"}"#
        );
        let gone = Event { connected: false, ..event.clone() };
        assert!(new_event(&coin, &gone).ends_with(r#""event":"disconnected"}"#));
        assert_eq!(new_worker(&coin, &event), r#"{"user":"alice","worker":"rig1","coin":"btc"}"#);

        let mut hash = [0; 32];
        hash[0] = 0xab;
        let block = BlockRecord {
            finder: event.identity,
            hash: Hash256::from_bytes(hash),
            minute: Minute::from_seconds(60).unwrap(),
        };
        assert_eq!(
            new_block(&coin, &block),
            format!(
                r#"{{"name":"BTC","hash":"{}ab","user":"alice","worker":"rig1"}}"#,
                "0".repeat(62)
            )
        );
    }

    #[test]
    fn a_peer_cannot_break_out_of_its_text() {
        let identity = "alice".parse().unwrap();
        let event = Event { identity, peer: "\"}\n\u{0}".into(), connected: true };
        let json = new_event(&"btc".parse().unwrap(), &event);
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(value["peer"], "\"}\n\u{0}");
    }
}
