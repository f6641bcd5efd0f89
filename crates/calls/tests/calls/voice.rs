//! The voice that ships can say everything that the scripts say.

use base::Language;
use calls::scripts::{Line, application_callback, payment_confirmation};
use phone::prompts::{SpokenLine, Voice, VoiceConfig};

#[test]
fn every_line_of_every_script_has_a_sound_in_both_languages() {
    let voice = Voice::open(&VoiceConfig::default()).unwrap();
    let scripts = [payment_confirmation(), application_callback()];
    let lines = scripts
        .iter()
        .flat_map(|script| script.steps())
        .flat_map(|step| &step.say);
    for line in lines {
        let Line::Prompt(prompt) = line else { continue };
        for language in Language::ALL {
            let sound = voice.line(language, &SpokenLine::Fixed(*prompt));
            assert!(sound.duration_ms() > 300, "{} in {}", prompt.id(), language.tag());
        }
    }
}
