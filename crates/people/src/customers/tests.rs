use super::*;
use ::store::harness::each_engine;
use jiff::civil::date;

fn wang() -> NewCustomer {
    NewCustomer {
        name: "王小明".into(),
        phone: PhoneNumber::parse("13800138000").unwrap(),
        birth_date: date(1990, 1, 1),
        language: Language::ZhHans,
        zone: "Asia/Shanghai".into(),
        email: None,
        document_index: Some(vec![7; 32]),
        document_sealed: None,
    }
}

#[test]
fn a_number_and_a_document_belong_to_one_customer() {
    each_engine(&[crate::MIGRATIONS], |db| {
        let ambient = db.ambient().clone();
        db.write(move |tx| -> Result<(), PeopleError> {
            let Created::New(id) = create(tx, &ambient, &wang())? else {
                panic!("the first of that number");
            };
            assert_eq!(create(tx, &ambient, &wang())?, Created::KnownDocument(id));
            let namesake = NewCustomer {
                document_index: Some(vec![8; 32]),
                ..wang()
            };
            assert_eq!(create(tx, &ambient, &namesake)?, Created::PhoneTaken);
            let found = by_phone(tx, &wang().phone)?.unwrap();
            assert_eq!((found.id, found.name.as_str()), (id, "王小明"));
            Ok(())
        })
        .unwrap();
    });
}

#[test]
fn a_corrected_number_is_new_and_no_longer_wrong() {
    each_engine(&[crate::MIGRATIONS], |db| {
        let ambient = db.ambient().clone();
        db.write(move |tx| -> Result<(), PeopleError> {
            let Created::New(id) = create(tx, &ambient, &wang())? else {
                panic!("the first of that number");
            };
            assert!(mark_wrong_number(tx, id)?);
            assert!(by_id(tx, id)?.unwrap().wrong_number);
            assert!(number_works(tx, id)?);
            assert!(!by_id(tx, id)?.unwrap().wrong_number);
            assert!(mark_wrong_number(tx, id)?);
            assert!(set_language(tx, id, Language::En)?);
            ambient.clock.advance_ms(5_000);
            let number = PhoneNumber::parse("13900139000").unwrap();
            assert_eq!(change_phone(tx, &ambient, id, &number)?, PhoneChange::Changed);
            assert_eq!(change_phone(tx, &ambient, id, &number)?, PhoneChange::Unchanged);
            let customer = by_id(tx, id)?.unwrap();
            assert!(!customer.wrong_number && customer.language == Language::En);
            assert_eq!(customer.phone_changed_at, ambient.now());
            Ok(())
        })
        .unwrap();
    });
}
