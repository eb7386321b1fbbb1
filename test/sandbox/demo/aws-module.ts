/** A root module as one would write it for AWS itself: nothing in it knows of the emulator. */
export function awsModule({
  bucket,
  key,
  region,
  prefix,
  vpc,
  subnets,
}: {
  bucket: string;
  key: string;
  region: string;
  /** What names begin with. */
  prefix: string;
  vpc: string;
  subnets: readonly string[];
}): string {
  return `terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
  backend "s3" {
    bucket         = "${bucket}"
    key            = "${key}"
    region         = "${region}"
    use_path_style = true
    use_lockfile   = true
  }
}

variable "approval_id" {
  type        = string
  description = "Number of the approval under which this is applied."
}

provider "aws" {
  default_tags {
    tags = {
      ApprovalId = var.approval_id
      Service    = "network"
      Department = "platform"
      Owner      = "network-team"
      Env        = "${prefix.split('-')[1] ?? ''}"
    }
  }
}

resource "aws_vpc" "main" {
  cidr_block = "${vpc}"
  tags = {
    Name = "${prefix}-main"
  }
}

resource "aws_subnet" "main" {
  for_each   = toset([${subnets.map((cidr) => `"${cidr}"`).join(', ')}])
  vpc_id     = aws_vpc.main.id
  cidr_block = each.key
  tags = {
    Name = "${prefix}-\${replace(each.key, "/", "-")}"
  }
}

output "vpc" {
  value = aws_vpc.main.id
}
`;
}
