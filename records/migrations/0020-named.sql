-- Whoever a grant or a denial names as its principal is noted in the same transaction: access.named. A grant to the patient
-- herself names no group, nor does a denial of everybody.
create trigger grant_names after insert on records."grant" for each row
  when (new.principal <> new.patient) execute function access.name_principal();
create trigger deny_names after insert on records.deny for each row
  when (new.principal <> '00000000-0000-0000-0000-000000000000') execute function access.name_principal();

insert into access.named (tenant, principal)
  select tenant, principal from records."grant" where principal <> patient
  union select tenant, principal from records.deny where principal <> '00000000-0000-0000-0000-000000000000'
  on conflict do nothing;
