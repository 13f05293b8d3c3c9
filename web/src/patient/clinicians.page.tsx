export function CliniciansPage() {
  return null;
}
