use super::*;

fn error_of(config: &StoreConfig) -> String {
    let error = RedisStore::new(config).err().expect("it is no way to Redis").to_string();
    assert!(!error.contains("geheim") && error.lines().count() == 1, "{error}");
    error
}

#[test]
fn a_bad_url_says_how_to_write_one_and_hides_the_password() {
    for url in ["", "127.0.0.1:6379", "http://:geheim@127.0.0.1"] {
        let config = StoreConfig { redis_url: Some(url.into()), ..StoreConfig::default() };
        assert!(error_of(&config).contains("redis://HOST:PORT"), "{url}");
        let urls = vec!["redis://127.0.0.1:1".to_owned(), url.to_owned()];
        let config = StoreConfig { redis_cluster_urls: urls.clone(), ..StoreConfig::default() };
        assert!(error_of(&config).contains("redis://HOST:PORT"), "{url}");
        let config = StoreConfig {
            redis_url: Some("redis://:geheim@pool".into()),
            redis_sentinel_urls: urls,
            ..StoreConfig::default()
        };
        assert!(error_of(&config).contains("redis://HOST:PORT"), "{url}");
    }
}

#[test]
fn sentinels_must_be_told_the_masters_name() {
    let redis_sentinel_urls = vec!["redis://127.0.0.1:26379".to_owned()];
    for redis_url in [None, Some("redis+unix:///tmp/redis".to_owned())] {
        let redis_sentinel_urls = redis_sentinel_urls.clone();
        let config = StoreConfig { redis_url, redis_sentinel_urls, ..StoreConfig::default() };
        assert!(error_of(&config).contains("master"), "{}", error_of(&config));
    }
}

#[test]
fn certificates_that_cannot_be_used_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    let garbage = folder.path().join("garbage.pem");
    std::fs::write(&garbage, "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")
        .unwrap();
    let redis_url = Some("rediss://127.0.0.1:1".to_owned());
    let config = StoreConfig { redis_url, ..StoreConfig::default() };
    let ca = |path: &std::path::Path| Some(path.to_owned());
    let error = error_of(&StoreConfig { redis_ca_file: ca(&missing), ..config.clone() });
    assert!(error.contains("missing.pem"), "{error}");
    let error = error_of(&StoreConfig { redis_ca_file: ca(&garbage), ..config.clone() });
    assert!(error.contains("each is a PEM file"), "{error}");
    let error = error_of(&StoreConfig { redis_key_file: ca(&garbage), ..config.clone() });
    assert!(error.contains("belong together"), "{error}");
    let plain = Some("redis://127.0.0.1:1".to_owned());
    let error = error_of(&StoreConfig { redis_ca_file: ca(&garbage), redis_url: plain, ..config });
    assert!(error.contains("write rediss:// there"), "{error}");
}
