//! The HTTP endpoint that knows the accounts.

use std::time::Duration;

use reqwest::{Client, StatusCode, Url, redirect};

/// Where an account's name goes in the address.
const PLACE: &str = "{account}";

/// An address with a place for the account.
#[derive(Clone, Debug)]
pub(crate) struct Endpoint {
    client: Client,
    url: String,
}

impl Endpoint {
    /// Whether an address can be asked.
    pub(crate) fn check(url: &str) -> Result<(), String> {
        let named = url.replace(PLACE, "alice");
        let is_http = Url::parse(&named).is_ok_and(|url| url.scheme() == "http" && url.has_host());
        if url.contains(PLACE) && is_http {
            return Ok(());
        }
        Err(format!(
            "accounts_url = \"{url}\": write an http address with {PLACE} in it, as in \
             http://127.0.0.1:8080/accounts/{PLACE}"
        ))
    }

    /// One that was checked.
    pub(crate) fn new(url: &str, timeout: Duration) -> Self {
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(timeout)
            .build()
            .expect("a client without TLS needs nothing of the system");
        Self { client, url: url.to_owned() }
    }

    /// Whether an account may mine, or why nobody can tell. The answer's body is not read.
    pub(crate) async fn ask(&self, account: &str) -> Result<bool, String> {
        let url = self.url.replace(PLACE, &escaped(account));
        let response = self.client.get(url).send().await.map_err(|error| cause_of(&error))?;
        match response.status() {
            status if status.is_success() => Ok(true),
            StatusCode::NOT_FOUND
            | StatusCode::FORBIDDEN
            | StatusCode::UNAUTHORIZED
            | StatusCode::GONE => Ok(false),
            status => Err(format!("it answers {status}")),
        }
    }
}

/// The deepest cause is the one that names what is wrong.
fn cause_of(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// With all but letters and digits escaped (RFC 3986, section 2.1).
fn escaped(account: &str) -> String {
    let byte = |byte: u8| match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    account.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_place_for_the_account() {
        for good in ["http://127.0.0.1:8080/{account}", "http://host/check?name={account}&key=1"] {
            assert_eq!(Endpoint::check(good), Ok(()), "{good}");
        }
        for wrong in ["", "http://host/", "https://host/{account}", "{account}"] {
            let cause = Endpoint::check(wrong).unwrap_err();
            assert!(cause.contains("accounts_url"), "{wrong}: {cause}");
        }
        assert_eq!(escaped("a/b?c#d@e"), "a%2Fb%3Fc%23d%40e");
    }
}
