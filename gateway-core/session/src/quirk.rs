//! Ways of speaking that real miners have, for the miner's client to try a pool with.

use core::fmt;
use core::str::FromStr;

use serde_json::{Value, json};

/// One of them. Each asks the same of the pool, in other words.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Quirk {
    /// None: as most miners speak.
    #[default]
    None,
    /// cgminer: parameters first, a blank behind each mark.
    Spaced,
    /// Time, nonce and version bits as plain numbers.
    Numbers,
    /// The user's name escaped as in a URL.
    EscapedName,
    /// Authorises before it subscribes, without a password, and never configures.
    AuthorizeFirst,
    /// Version bits in every submit, although it never asked for version rolling.
    UnaskedVersionBits,
    /// Lines end in CR LF, with a blank one before each.
    CarriageReturns,
    /// Asks to be told of another part of the search space, as proxies do.
    TakesExtranonce,
}

impl Quirk {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::None,
        Self::Spaced,
        Self::Numbers,
        Self::EscapedName,
        Self::AuthorizeFirst,
        Self::UnaskedVersionBits,
        Self::CarriageReturns,
        Self::TakesExtranonce,
    ];

    /// As it is asked for.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Spaced => "spaced",
            Self::Numbers => "numbers",
            Self::EscapedName => "escaped-name",
            Self::AuthorizeFirst => "authorize-first",
            Self::UnaskedVersionBits => "unasked-version-bits",
            Self::CarriageReturns => "carriage-returns",
            Self::TakesExtranonce => "takes-extranonce",
        }
    }

    /// Lines as they are usually written, in this way.
    pub(crate) fn spell(self, lines: &[u8]) -> Vec<u8> {
        if matches!(self, Self::None | Self::TakesExtranonce) {
            return lines.to_vec();
        }
        let mut requests: Vec<Value> = lines
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).expect("our own lines are JSON"))
            .collect();
        if matches!(self, Self::AuthorizeFirst | Self::UnaskedVersionBits) {
            requests.retain(|request| request["method"] != "mining.configure");
        }
        if self == Self::AuthorizeFirst {
            // A greeting is subscribe, then authorize; what else there is comes alone.
            requests.reverse();
        }
        requests.iter_mut().for_each(|request| self.change(request));
        let lines = requests.iter().map(|request| self.write(request));
        lines.collect::<String>().into_bytes()
    }

    fn change(self, request: &mut Value) {
        let is_submit = request["method"] == "mining.submit";
        let names_user = is_submit || request["method"] == "mining.authorize";
        let params = request["params"].as_array_mut().expect("our own requests have parameters");
        match self {
            Self::Numbers if is_submit => {
                for digits in &mut params[3..] {
                    let text = digits.as_str().expect("they are written in digits");
                    *digits = json!(u32::from_str_radix(text, 16).expect("of 32 bits"));
                }
            }
            Self::EscapedName if names_user => {
                let user = params[0].as_str().expect("a name is a text");
                let escaped: String = user.bytes().map(|byte| format!("%{byte:02X}")).collect();
                params[0] = json!(escaped);
            }
            Self::AuthorizeFirst if names_user && !is_submit => params.truncate(1),
            Self::UnaskedVersionBits if is_submit => {
                params.truncate(5);
                params.push(json!("00000000"));
            }
            _ => {}
        }
    }

    fn write(self, request: &Value) -> String {
        let (id, method, params) = (&request["id"], &request["method"], &request["params"]);
        if self == Self::Spaced {
            let params: Vec<_> =
                params.as_array().into_iter().flatten().map(Value::to_string).collect();
            let params = params.join(", ");
            return format!("{{\"params\": [{params}], \"id\": {id}, \"method\": {method}}}\n");
        }
        let line = format!("{{\"id\":{id},\"method\":{method},\"params\":{params}}}");
        if self == Self::CarriageReturns { format!("\r\n{line}\r\n") } else { line + "\n" }
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|quirk| quirk.name() == text);
        found.ok_or_else(|| format!("choose one of {}", Self::ALL.map(Self::name).join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREETING: &str = concat!(
        r#"{"id":1,"method":"mining.configure","params":[["version-rolling"],{}]}"#,
        "\n",
        r#"{"id":2,"method":"mining.subscribe","params":["x"]}"#,
        "\n",
        r#"{"id":3,"method":"mining.authorize","params":["a.b","x"]}"#,
        "\n",
    );
    const SUBMIT: &str = concat!(
        r#"{"id":4,"method":"mining.submit","params":["a.b","1f","0102","0000000a","000000ff","1fffe000"]}"#,
        "\n",
    );

    fn spelled(quirk: Quirk, lines: &str) -> String {
        String::from_utf8(quirk.spell(lines.as_bytes())).unwrap()
    }

    #[test]
    fn each_says_the_same_in_its_own_words() {
        assert_eq!(spelled(Quirk::None, GREETING), GREETING);
        assert_eq!(
            spelled(Quirk::Spaced, SUBMIT),
            "{\"params\": [\"a.b\", \"1f\", \"0102\", \"0000000a\", \"000000ff\", \"1fffe000\"], \"id\": 4, \
             \"method\": \"mining.submit\"}\n"
        );
        assert!(spelled(Quirk::Numbers, SUBMIT).ends_with("\"0102\",10,255,536862720]}\n"));
        assert!(spelled(Quirk::EscapedName, SUBMIT).contains("[\"%61%2E%62\","));
        let greeting = spelled(Quirk::AuthorizeFirst, GREETING);
        let methods: Vec<_> =
            greeting.lines().map(|line| line.split('"').nth(5).unwrap()).collect();
        assert_eq!(methods, ["mining.authorize", "mining.subscribe"]);
        assert!(greeting.contains("[\"a.b\"]"), "{greeting}");
        assert!(
            spelled(Quirk::UnaskedVersionBits, SUBMIT).ends_with("\"000000ff\",\"00000000\"]}\n")
        );
        assert!(!spelled(Quirk::UnaskedVersionBits, GREETING).contains("configure"));
        assert!(spelled(Quirk::CarriageReturns, SUBMIT).starts_with("\r\n{"));
    }

    #[test]
    fn they_are_found_by_their_names() {
        for quirk in Quirk::ALL {
            assert_eq!(quirk.name().parse(), Ok(quirk));
        }
        assert!("warp".parse::<Quirk>().unwrap_err().contains("carriage-returns"));
    }
}
