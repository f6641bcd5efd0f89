use base::Language;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

macro_rules! features {
    ($($name:literal),* $(,)?) => {
        /// The Fluent files of a language, by feature.
        pub(super) fn sources(language: Language) -> &'static [(&'static str, &'static str)] {
            match language {
                Language::ZhHans => &[$(($name, include_str!(concat!("../../locales/zh-Hans/", $name, ".ftl")))),*],
                Language::En => &[$(($name, include_str!(concat!("../../locales/en/", $name, ".ftl")))),*],
            }
        }
    };
}

features!(
    "api", "common", "apply", "sign-in", "home", "pay", "payments", "calls", "security", "public", "staff",
    "problems",
);

static BUNDLES: LazyLock<[Bundle; 2]> = LazyLock::new(|| Language::ALL.map(bundle));

/// The message of a key. A key that is missing is written in brackets, and a test finds it.
pub fn say(language: Language, key: &str) -> String {
    format(language, key, None)
}

/// The message of a key with named texts put in; they are formatted already.
pub fn say_with(language: Language, key: &str, named: &[(&str, &str)]) -> String {
    let mut args = FluentArgs::with_capacity(named.len());
    for (name, value) in named {
        args.set(*name, FluentValue::from(*value));
    }
    format(language, key, Some(&args))
}

fn format(language: Language, key: &str, args: Option<&FluentArgs<'_>>) -> String {
    let [zh_hans, en] = &*BUNDLES;
    let bundle = match language {
        Language::ZhHans => zh_hans,
        Language::En => en,
    };
    let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
        tracing::error!(key, language = language.tag(), "a message is missing");
        return format!("⟦{key}⟧");
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, args, &mut errors);
    if errors.is_empty() {
        text.into_owned()
    } else {
        tracing::error!(
            key,
            language = language.tag(),
            ?errors,
            "a message cannot be written"
        );
        format!("⟦{text}⟧")
    }
}

fn bundle(language: Language) -> Bundle {
    let tag = language
        .tag()
        .parse()
        .expect("the tag of a language is well-formed");
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    bundle.set_use_isolating(false);
    for (feature, source) in sources(language) {
        let resource = match FluentResource::try_new((*source).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                tracing::error!(
                    feature,
                    language = language.tag(),
                    ?errors,
                    "a Fluent file has errors"
                );
                resource
            }
        };
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(
                feature,
                language = language.tag(),
                ?errors,
                "a message is defined twice"
            );
        }
    }
    bundle
}
