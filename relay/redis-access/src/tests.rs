use super::*;

fn error_of(place: &Place) -> AccessError {
    let error = Access::new(place).err().expect("it is no way to Redis");
    let text = error.to_string();
    assert!(!text.contains("geheim") && text.lines().count() == 1, "{text}");
    error
}

fn texts(urls: &[&str]) -> Vec<String> {
    urls.iter().map(|url| (*url).to_owned()).collect()
}

/// Else they would be left out, and the password would go in the clear.
#[test]
fn certificates_without_tls_are_refused() {
    let base = Place { ca_file: Some("ca.pem".into()), ..Place::default() };
    let plain = Some("redis://:geheim@pool".to_owned());
    for (place, told) in [
        (Place { url: plain.clone(), ..base.clone() }, "redis_url"),
        (base.clone(), "redis_url"),
        (
            Place {
                url: plain.clone(),
                sentinel_urls: texts(&["rediss://:geheim@a"]),
                ..base.clone()
            },
            "redis_url",
        ),
        (
            Place { cluster_urls: texts(&["redis://:geheim@a"]), ..base.clone() },
            "redis_cluster_urls",
        ),
    ] {
        let error = error_of(&place);
        assert!(matches!(error, AccessError::NoTls { key, .. } if key == told), "{error}");
    }
    let own =
        Place { certificate_file: Some("a.pem".into()), key_file: Some("a.key".into()), ..base };
    error_of(&Place { ca_file: None, url: plain, ..own });
}

#[test]
fn urls_with_tls_and_without_it_are_not_mixed() {
    let urls = texts(&["rediss://:geheim@a", "redis://:geheim@b"]);
    let sentinels = Place {
        url: Some("rediss://:geheim@pool".into()),
        sentinel_urls: urls.clone(),
        ..Place::default()
    };
    let cluster = Place { cluster_urls: urls, ..Place::default() };
    for place in [sentinels, cluster] {
        let error = error_of(&place);
        assert!(matches!(error, AccessError::MixedTls { .. }), "{error}");
    }
}

#[test]
fn certificates_that_are_none_are_told_for_every_way() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("garbage.pem");
    let text = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
    fs::write(&garbage, text).unwrap();
    let base = Place { ca_file: Some(garbage), ..Place::default() };
    let url = Some("rediss://:geheim@pool".to_owned());
    for place in [
        Place { url: url.clone(), ..base.clone() },
        Place { url, sentinel_urls: texts(&["redis://a"]), ..base.clone() },
        Place { cluster_urls: texts(&["rediss://a"]), ..base },
    ] {
        let error = error_of(&place);
        assert!(matches!(error, AccessError::Tls { .. }), "{error}");
    }
}
