-- Whether anybody's denial shuts a caller out of a row: the owner's, or that of another patient whom the row names; unless an
-- exception of the same rule spares her. What is not firm gives way in an emergency. Called only for callers to whom anything is denied.
-- Runs as its caller: row-level security holds inside. See records/denials.ts.

create function records.denied(of_tenant int, principals uuid[], shut uuid[], purposes text[], at bigint,
  row_type text, row_rid uuid, row_owner uuid, row_labels bigint[]) returns boolean
language plpgsql stable parallel safe as $$
declare
  patients uuid[] := array(select row_owner union all select c.patient from records.compartment c
    where c.tenant = of_tenant and c.rid = row_rid and c.type = row_type);
begin
  return exists (select from records.deny d
    where d.tenant = of_tenant and d.principal = any(shut) and d.patient = any(patients) and not d.spares
      and (d.label = 0 or d.label = any(row_labels)) and (d.type = '' or d.type = row_type)
      and (d.rid is null or d.rid = row_rid) and (d.purpose = '' or d.purpose = any(purposes))
      and d.starts <= at and d.ends > at
      -- Everybody is everybody but the patient herself.
      and (d.principal <> '00000000-0000-0000-0000-000000000000' or d.patient <> all(principals))
      and (d.firm or 'ETREAT' <> all(purposes) or not exists (select from records."grant" b
        where b.tenant = of_tenant and b.principal = any(principals) and b.patient = d.patient and b.class = 'chart'
          and b.purpose = 'ETREAT' and b.starts <= at and b.ends > at))
      and not exists (select from records.deny e
        where e.tenant = of_tenant and e.principal = any(shut) and e.patient = d.patient and e.spares
          and e.source = d.source and e.rule = d.rule
          and (e.label = 0 or e.label = any(row_labels)) and (e.type = '' or e.type = row_type)
          and (e.rid is null or e.rid = row_rid) and (e.purpose = '' or e.purpose = any(purposes))
          and e.starts <= at and e.ends > at));
end
$$;
