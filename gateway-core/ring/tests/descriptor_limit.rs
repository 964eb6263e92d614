//! A limit of open files that is too low. Alone in its process, whose limit it lowers.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sluice_ring::{Engine, EngineConfig, EngineError};

#[test]
fn a_limit_that_is_too_low_is_named_with_the_number_needed() {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: Some(256), maximum }).unwrap();
    let config = EngineConfig { connections_max: 1000, ..EngineConfig::default() };
    let error = Engine::new(config.clone()).err().unwrap();
    assert!(matches!(error, EngineError::DescriptorLimit { needed: 1000, limit: 256 }));
    assert!(error.to_string().contains("raise it to 1000"), "{error}");
    assert!(sluice_ring::raise_descriptor_limit().unwrap() >= 1000);
    Engine::new(config).unwrap();
}
