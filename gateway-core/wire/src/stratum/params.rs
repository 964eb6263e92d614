//! The parameters of a request as they stand in its line: borrowed, and of any type.
//!
//! Nothing is allocated, unless a text holds escapes.

use core::fmt;
use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::request::MalformedLine;

/// Parameters that any call here looks at; further ones are passed over.
const PARAMS_READ_MAX: usize = 6;

/// A text, borrowed where the JSON has no escapes. Serde's own `Cow` inside of an `Option` is always
/// a copy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

/// One parameter.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) enum Param<'a> {
    /// Not there.
    #[default]
    Missing,
    Null,
    Text(Cow<'a, str>),
    Number(f64),
    /// A list, a map, or a truth value.
    Other,
}

/// The first parameters of a call.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Params<'a>([Param<'a>; PARAMS_READ_MAX]);

impl<'a> Params<'a> {
    /// Reads a list; anything else counts as an empty one.
    pub(super) fn decode(raw: Option<&'a RawValue>) -> Result<Self, MalformedLine> {
        match raw.map(RawValue::get) {
            Some(text) if text.starts_with('[') => {
                serde_json::from_str(text).map_err(|_| MalformedLine)
            }
            _ => Ok(Self::default()),
        }
    }

    /// Takes a parameter that is a text.
    pub(super) fn take_text(&mut self, index: usize) -> Option<Cow<'a, str>> {
        match core::mem::take(&mut self.0[index]) {
            Param::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn get(&self, index: usize) -> &Param<'a> {
        &self.0[index]
    }
}

impl Param<'_> {
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number, or a text that holds one, as some firmware sends it.
    pub(super) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;

        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

impl<'de> Deserialize<'de> for Param<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ParamVisitor;

        impl<'de> Visitor<'de> for ParamVisitor {
            type Value = Param<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("any value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Param<'de>, E> {
                Ok(Param::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E>(self, text: &str) -> Result<Param<'de>, E> {
                Ok(Param::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_unit<E>(self) -> Result<Param<'de>, E> {
                Ok(Param::Null)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Param<'de>, E> {
                Ok(Param::Other)
            }

            fn visit_u64<E>(self, number: u64) -> Result<Param<'de>, E> {
                Ok(Param::Number(number as f64))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Param<'de>, E> {
                Ok(Param::Number(number as f64))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Param<'de>, E> {
                Ok(Param::Number(number))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Param<'de>, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Param::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Param<'de>, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Param::Other)
            }
        }

        deserializer.deserialize_any(ParamVisitor)
    }
}

impl<'de> Deserialize<'de> for Params<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ParamsVisitor;

        impl<'de> Visitor<'de> for ParamsVisitor {
            type Value = Params<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Params<'de>, A::Error> {
                let mut params = Params::default();
                for place in &mut params.0 {
                    match list.next_element()? {
                        Some(param) => *place = param,
                        None => return Ok(params),
                    }
                }
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(params)
            }
        }

        deserializer.deserialize_seq(ParamsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params<'_> {
        Params::decode(Some(serde_json::from_str(text).unwrap())).unwrap()
    }

    #[test]
    fn takes_every_type_and_borrows_plain_texts() {
        let params = params(r#"["a", "\u0041", null, -1.5, [[{"b":[]}]], true, {"c":1}, "over"]"#);
        assert!(matches!(params.get(0), Param::Text(Cow::Borrowed("a"))));
        assert!(matches!(params.get(1), Param::Text(Cow::Owned(text)) if text == "A"));
        let rest = [params.get(2), params.get(3), params.get(4), params.get(5)];
        assert_eq!(rest, [&Param::Null, &Param::Number(-1.5), &Param::Other, &Param::Other]);
    }

    #[test]
    fn what_is_no_list_is_an_empty_one() {
        assert_eq!(Params::decode(None), Ok(Params::default()));
        for text in ["null", "{\"a\":[]}", "7", "[]", "\"[\""] {
            assert_eq!(params(text), Params::default(), "{text}");
        }
    }
}
